/* Every command. Help, completion and the test of the manual page walk this table. */
#include "commands.h"

#include "commands_register.h"

#define BY \
    { "by", "STAFF", "the pharmacist who confirms, whose PIN it is; otherwise whoever is signed in" }
#define SECOND \
    { "second", "STAFF", "the other person who agrees, with their PIN" }
#define FROM \
    { "from", "FILE", "the members of the interface as a JSON object; \"-\": standard input" }
#define KEY \
    { "key", "KEY", "the idempotency key, to repeat an entry whose answer was lost" }
#define END \
    { NULL, NULL, NULL }

/* the pharmacy itself, and the counter */
static const struct cli_option staff_add_options[] = {
    {"role", "ROLE", "counter, technician, pharmacist, manager or inspector"},
    {"registration", "NUMBER", "of a pharmacist or a technician"},
    {"until", "DAY", "the last day, of an inspector"},
    FROM,
    SECOND,
    KEY,
    END};
static const struct cli_option staff_change_options[] = {
    {"name", NULL, "another name: it is asked for"},
    {"role", "ROLE", "counter, technician, pharmacist, manager or inspector"},
    {"registration", "NUMBER", "of a pharmacist or a technician"},
    {"until", "DAY", "the last day, of an inspector"},
    {"active", "yes|no", "no: cannot sign in any more"},
    {"pin", NULL, "a new PIN: asked for twice"},
    SECOND,
    END};
static const struct cli_option service_options[] = {
    FROM, {"secret", NULL, "the secret of the endpoint: it is asked for, and never shown"}, SECOND, KEY, END};
static const struct cli_option service_change_options[] = {
    FROM, {"secret", NULL, "the secret of the endpoint: it is asked for, and never shown"}, SECOND, END};
static const struct cli_option calendar_show_options[] = {
    {"from", "DAY", "the week of this day; otherwise of today"},
    {"weeks", "NUMBER", "how many weeks; otherwise 5"},
    END};
static const struct cli_option calendar_hours_options[] = {FROM, KEY, END};
static const struct cli_option calendar_confirm_options[] = {
    {"open", NULL, "no: the pharmacy is open on it"}, KEY, END};
static const struct cli_option calendar_set_options[] = {KEY, END};
static const struct cli_option calendar_open_options[] = {
    {"hours", "HOURS", "as 10-14 or 9:30-13:00; otherwise those of the weekday"}, KEY, END};
static const struct cli_option terminals_enrol_options[] = {
    {"name", "NAME", "what it is called; otherwise the machine's name"}, END};
static const struct cli_option act_options[] = {BY, KEY, END};
static const struct cli_option audit_options[] = {
    {"patient", "ID", "of one patient"},
    {"staff", "NAME", "of one person who works here"},
    {"from", "DAY", "from this day on"},
    {"to", "DAY", "up to this day"},
    {"limit", "NUMBER", "at most so many, the newest; otherwise 50"},
    {"all", NULL, "all of them"},
    END};
static const struct cli_option counter_options[] = {
    {"idle", "SECONDS", "lock after so many without a key; otherwise 120"}, END};

static const struct cli_option today_options[] = {{"date", "DAY", "another day"}, END};
static const struct cli_option decide_options[] = {
    {"on", "DAY", "as if it were that day and nothing more had happened"},
    {"collector", "ROLE", "patient (without it), representative or professional"},
    {"advance", NULL, "with what may be collected in advance of a closed day"},
    END};
static const struct cli_option supply_options[] = {
    {"collector", "ROLE", "patient (without it), representative or professional"},
    {"advance", NULL, "with what may be collected in advance of a closed day"},
    {"confirm", "CODES", "the checks that a pharmacist has made, with commas"},
    {"supervised-by", "STAFF", "who sees the dose taken; otherwise whoever is signed in"},
    {"identified-by", "WHAT", "the kinds of identifiers that were asked, as \"name and date of birth\""},
    {"scan", "CODE", "the code on the label"},
    FROM,
    BY,
    END};
static const struct cli_option irregular_options[] = {FROM, BY, KEY, END};
static const struct cli_option reverse_options[] = {FROM, BY, KEY, END};

static const struct cli_option entry_options[] = {FROM, KEY, END};
static const struct cli_option patient_change_options[] = {FROM, END};
static const struct cli_option patient_status_options[] = {
    {"from-day", "DAY", "from which day; otherwise today"}, {"to-day", "DAY", "the last day"}, KEY, END};
static const struct cli_option merge_options[] = {
    {"into", "PATIENT", "the record that stays"}, SECOND, KEY, END};
static const struct cli_option rx_add_options[] = {
    FROM,
    {"dry-run", NULL, "only check it and show what would be stored"},
    {"accept", "CODES", "the findings that a pharmacist keeps as they are, with commas"},
    SECOND,
    KEY,
    END};
static const struct cli_option rx_check_options[] = {FROM, BY, KEY, END};
static const struct cli_option rx_change_options[] = {
    {"from-day", "DAY", "from which day; otherwise today"}, FROM, KEY, END};
static const struct cli_option prepare_options[] = {{"containers", "NUMBER", "how many"},
                                                    {"batch", "BATCH", "the batch on the bottle"},
                                                    {"expiry", "DAY", "its last day"},
                                                    KEY,
                                                    END};
static const struct cli_option outcome_options[] = {
    {"minutes", "NUMBER", "vomited: how long after the dose"},
    {"quantity", "QUANTITY", "part: how much of it was taken"},
    {"reason", "CODE", "attended_not_supplied: no_form, no_stock, closed or other"},
    FROM,
    KEY,
    END};
static const struct cli_option concern_options[] = {
    {"signs", "CODES", "what was seen, with commas: `instalment concern signs` lists them"},
    {"decision", "WORD", "what became of the dose: supplied, deferred, withheld or emergency"},
    {"rx", "RX", "the prescription, where there are several"},
    FROM,
    KEY,
    END};

static const struct cli_option alerts_options[] = {
    {"state", "STATE", "open (without it), phone (somebody must telephone), or one state, as accepted"}, END};
static const struct cli_option alert_options[] = {FROM, KEY, END};
static const struct cli_option key_options[] = {KEY, END};

static const struct cli_option print_list_options[] = {
    {"state", "STATE", "queued, sent, accepted_by_printer, unverified, confirmed, failed or cancelled"},
    {"patient", "PATIENT", "of one patient"},
    END};
static const struct cli_option sheet_options[] = {
    {"date", "DAY", "another day than the one that it is usually for"}, KEY, END};
static const struct cli_option card_options[] = {
    {"language", "CODE", "en (without it), cy, pl"},
    {"form", "FORM", "normal (without it), pocket, large or easy"},
    {"to", "WHOM", "patient (without it), representative or other"},
    {"talked-about", NULL, "it was talked about, not only handed over"},
    KEY,
    END};
static const struct cli_option witnessed_options[] = {FROM, SECOND, KEY, END};
static const struct cli_option prepour_options[] = {{"date", "DAY", "another day than tomorrow"}, END};
static const struct cli_option close_options[] = {
    {"reason", NULL, "say why alerts that nobody has accepted are left: it is asked for"}, BY, KEY, END};
static const struct cli_option report_options[] = {{"format", "FORMAT", "json, csv; of a day html too"},
                                                   {"month", "MONTH", "claim, ndtms: a month like 2026-11"},
                                                   {"from-day", "DAY", "claim, ndtms: the first day"},
                                                   {"to-day", "DAY", "claim, ndtms: the last day"},
                                                   {"service", "SERVICE", "claim: of one service"},
                                                   {"patient", "PATIENT", "attendance, last-dose: whose"},
                                                   {"prescription", "RX", "endorsement: of which"},
                                                   END};

const struct cli_command cli_commands[] = {
    {"sign-in", NULL, "NAME", "Sign in with your PIN.", NULL, 1, 1, command_sign_in},
    {"sign-out", NULL, "", "Sign out.", NULL, 0, 0, command_sign_out},
    {"whoami", NULL, "", "Who is signed in here.", NULL, 0, 0, command_whoami},
    {"lock", NULL, "", "Lock your session until your PIN is given.", NULL, 0, 0, command_lock},
    {"unlock", NULL, "", "Unlock it.", NULL, 0, 0, command_unlock},
    {"today", NULL, "[--date DAY]", "The day's list: who is still to come, who is done.", today_options, 0, 0,
     command_today},
    {"decide", NULL, "RX [--on DAY] [--collector ROLE] [--advance]", "What may be supplied now, and why.",
     decide_options, 1, 1, command_decide},
    {"supply", NULL, "RX [--confirm CODES] [--by STAFF] ...", "Record a supply that the rules allow.",
     supply_options, 1, 1, command_supply},
    {"irregular", NULL, "--from FILE", "Record a supply that was made outside the rules.", irregular_options,
     0, 0, command_irregular},
    {"reverse", NULL, "SUPPLY", "Record that a supply was recorded in error.", reverse_options, 1, 1,
     command_reverse},
    {"recorded", NULL, "SUPPLY", "A supply as it was recorded.", NULL, 1, 1, command_supply_show},
    /* patients and prescriptions */
    {"patient", "add", "[--from FILE]", "Enter a patient, by questions or from JSON.", entry_options, 0, 0,
     command_patient_add},
    {"patient", "find", "[-]", "Find patients by name, date of birth or number, which is asked for.", NULL, 0,
     1, command_patient_find},
    {"patient", "show", "PATIENT", "A patient's record and prescriptions.", NULL, 1, 1, command_patient_show},
    {"patient", "change", "PATIENT [--from FILE]", "Change a record.", patient_change_options, 1, 1,
     command_patient_change},
    {"patient", "status", "PATIENT attending|away|deceased [-]",
     "Record that a patient is away, back, or dead.", patient_status_options, 2, 3, command_patient_status},
    {"patient", "merge", "PATIENT --into PATIENT --second STAFF", "Join two records of one person.",
     merge_options, 1, 1, command_patient_merge},
    {"rx", "add", "PATIENT [--from FILE] [--dry-run]",
     "Enter a prescription, by the questions of the paper form or from JSON.", rx_add_options, 0, 1,
     command_rx_add},
    {"rx", "show", "RX", "A prescription with the calendar of its instalments.", NULL, 1, 1, command_rx_show},
    {"rx", "check", "RX [--from FILE]", "The second keying, by another person.", rx_check_options, 1, 1,
     command_rx_check},
    {"rx", "stop", "RX [-] [--from-day DAY]", "Stop a prescription.", rx_change_options, 1, 2,
     command_rx_stop},
    {"rx", "hold", "RX [-]", "Put a prescription on hold.", rx_change_options, 1, 2, command_rx_hold},
    {"rx", "release", "RX [-]", "Release a prescription from hold.", rx_change_options, 1, 2,
     command_rx_release},
    {"rx", "consult", "RX [--from FILE]", "Record what the prescriber said.", entry_options, 1, 1,
     command_rx_consult},
    {"rx", "prepare", "RX.DAY [--containers N] ...", "An instalment was bagged in advance.", prepare_options,
     1, 1, command_rx_prepare},
    {"rx", "unprepare", "RX.DAY", "A bagged instalment went back to stock.", prepare_options, 1, 1,
     command_rx_unprepare},
    {"outcome", NULL, "RX OUTCOME [-]", "Record what came in place of a supply, or became of its dose.",
     outcome_options, 2, 3, command_outcome},
    {"elsewhere", NULL, "PATIENT [--from FILE]", "Record doses confirmed as given elsewhere.", entry_options,
     1, 1, command_elsewhere},
    {"concern", "signs", "", "The signs that a concern may name.", NULL, 0, 0, command_concern_signs},
    {"concern", NULL, "PATIENT KIND [--signs CODES] [--decision WORD] [-]",
     "Record a concern and tell the service.", concern_options, 2, 3, command_concern},
    /* the pharmacy itself, and the counter */
    {"counter", NULL, "[--idle SECONDS]", "The counter in full screen, by keyboard alone.", counter_options,
     0, 0, command_counter},
    {"staff", "list", "", "The people who work here.", NULL, 0, 0, command_staff_list},
    {"staff", "show", "NAME", "One of them.", NULL, 1, 1, command_staff_show},
    {"staff", "add", "NAME [--role ROLE] [--second STAFF] ...",
     "Enter somebody under a sign-in name, with a PIN.", staff_add_options, 1, 1, command_staff_add},
    {"staff", "change", "NAME [--pin] [--active yes|no] ...", "Change a role, a PIN, a name; or let go.",
     staff_change_options, 1, 1, command_staff_change},
    {"service", "list", "", "The prescribing services.", NULL, 0, 0, command_service_list},
    {"service", "show", "SERVICE", "One of them, with where its alerts go.", NULL, 1, 1,
     command_service_show},
    {"service", "add", "[--from FILE] [--secret] [--second STAFF]",
     "Enter one; with an endpoint another person agrees.", service_options, 0, 0, command_service_add},
    {"service", "change", "SERVICE --from FILE [--secret] [--second STAFF]",
     "Change what the file names; an endpoint needs another person.", service_change_options, 1, 1,
     command_service_change},
    {"calendar", "show", "[--from DAY] [--weeks NUMBER]", "The next weeks: open hours and closed days.",
     calendar_show_options, 0, 0, command_calendar_show},
    {"calendar", "hours", "[--from FILE]", "Set the opening hours, by file or weekday by weekday.",
     calendar_hours_options, 0, 0, command_calendar_hours},
    {"calendar", "confirm", "DAY [--open]", "Confirm that a bank holiday is a closed day, or that it is not.",
     calendar_confirm_options, 1, 1, command_calendar_confirm},
    {"calendar", "close", "DAY", "Close a day ahead; says first whom it hits.", calendar_set_options, 1, 1,
     command_calendar_close},
    {"calendar", "unplanned", "[DAY]", "Closed at short notice, today or that day; says first whom it hits.",
     calendar_set_options, 0, 1, command_calendar_unplanned},
    {"calendar", "open", "DAY [--hours HOURS]", "Open on a day that is otherwise closed.",
     calendar_open_options, 1, 1, command_calendar_open},
    {"calendar", "regular", "DAY", "Take back a closing or opening of one day.", calendar_set_options, 1, 1,
     command_calendar_regular},
    {"responsible", "show", "", "Who is the responsible pharmacist.", NULL, 0, 0, command_responsible_show},
    {"responsible", "sign-on", "[--by STAFF]", "Sign on as the responsible pharmacist.", act_options, 0, 0,
     command_responsible_act},
    {"responsible", "sign-off", "[--by STAFF]", "Sign off.", act_options, 0, 0, command_responsible_act},
    {"responsible", "absent-from", "[--by STAFF]", "Away from the pharmacy from now on.", act_options, 0, 0,
     command_responsible_act},
    {"responsible", "absent-to", "[--by STAFF]", "Back again.", act_options, 0, 0, command_responsible_act},
    {"terminals", "list", "", "The terminals that may ask.", NULL, 0, 0, command_terminals_list},
    {"terminals", "code", "", "Make a code for one more.", NULL, 0, 0, command_terminals_code},
    {"terminals", "enrol", "[--name NAME]", "Enrol this one with a manager's code (with --url).",
     terminals_enrol_options, 0, 0, command_terminals_enrol},
    {"terminals", "revoke", "TERMINAL", "Revoke one for ever.", NULL, 1, 1, command_terminals_revoke},
    {"audit", NULL, "[--patient ID] [--staff NAME] [--from DAY] [--to DAY]",
     "Who did or read what, newest first.", audit_options, 0, 0, command_audit},
    {"clock", "confirm", "[--by STAFF]", "Confirm that the daemon's clock is right.", act_options, 0, 0,
     command_clock_confirm},
    {"clock", "advance", "cut-off|tomorrow|INSTANT", "Move the clock of a demonstration forward.", NULL, 1, 1,
     command_clock_advance},
    {"products", NULL, "", "The medicine catalogue.", NULL, 0, 0, command_products},
    {"health", NULL, "", "Is the daemon well, and if not, why.", NULL, 0, 0, command_health},
    {"config", NULL, "[KEY]", "The daemon's configuration as it is in effect.", NULL, 0, 1, command_config},
    {"rules", NULL, "[ID | CODE | WORDS]", "Look up a rule; needs no daemon.", NULL, 0, CLI_ARGUMENTS_MAX,
     command_rules},
    {"events", NULL, "", "What changes, a line for each, until it is ended.", NULL, 0, 0, command_events},
    {"completion", NULL, "", "Print the completion for bash.", NULL, 0, 0, command_completion},
    /* alerts */
    {"alerts", NULL, "[--state STATE]",
     "What services have been told and not taken yet, and whom to telephone.", alerts_options, 0, 0,
     command_alerts},
    {"alert", "show", "ALERT", "One of them whole, with every try.", NULL, 1, 1, command_alert_show},
    {"alert", "retry", "ALERT", "Try to send it now.", key_options, 1, 1, command_alert_retry},
    {"alert", "phoned", "ALERT [-] [--from FILE]", "Record that the service was told by telephone.",
     alert_options, 1, 2, command_alert_phoned},
    {"alert", "release", "ALERT [-] [--from FILE]",
     "Send it although no agreement is recorded, with the reason.", alert_options, 1, 2,
     command_alert_release},
    {"service", "test", "SERVICE", "Send a test to a service's endpoint.", key_options, 1, 1,
     command_service_test},
    /* paper */
    {"print", "list", "[--state STATE] [--patient PATIENT]", "What is printed and what waits, newest first.",
     print_list_options, 0, 0, command_print_list},
    {"print", "again", "JOB", "Print it again; the former label does not count any more.", key_options, 1, 1,
     command_print_again},
    {"print", "confirm", "JOB", "Note that it is on paper.", key_options, 1, 1, command_print_confirm},
    {"print", "cancel", "JOB", "Take back what is not printed yet.", key_options, 1, 1, command_print_cancel},
    {"print", "calendar", "PATIENT", "The patient's calendar of collections.", sheet_options, 1, 1,
     command_print_calendar},
    {"print", "bag", "PATIENT", "A label for the bag: no medicine, no service.", sheet_options, 1, 1,
     command_print_bag},
    {"print", "letter", "PATIENT", "A letter with the last doses, for a hospital or another pharmacy.",
     sheet_options, 1, 1, command_print_letter},
    {"print", "downtime", "[--date DAY]", "Tomorrow's sheets, for when the computer does not work.",
     sheet_options, 0, 0, command_print_downtime},
    {"printers", NULL, "", "The printers, and whether each can print.", NULL, 0, 0, command_printers},
    {"printer", NULL, "--from FILE", "Enter a printer, or change one.", alert_options, 0, 0,
     command_printer_set},
    {"card", "list", "", "The safety cards that there are.", NULL, 0, 0, command_card_list},
    {"card", "give", "PATIENT CARD [--language CODE] [--form FORM] ...",
     "Record that a safety card was given, and print it.", card_options, 2, 2, command_card_give},
    {"card", "given", "PATIENT", "The safety cards that a patient was given.", NULL, 1, 1,
     command_card_given},
    {"scan", NULL, "CODE", "What a label's code says: whose it is, and whether it counts.", NULL, 1, 1,
     command_scan},
    /* the register, the stock, the end of the day, reports */
    {"register", "verify", "", "Look whether the whole register holds together.", NULL, 0, 0,
     command_register_verify},
    {"register", "receive", "MEDICINE [--from FILE]", "Enter what was received.", entry_options, 1, 1,
     command_register_receive},
    {"register", "check", "MEDICINE --second STAFF", "Count the stock, two people, without being told.",
     witnessed_options, 1, 1, command_register_check},
    {"register", "adjust", "MEDICINE --second STAFF", "Enter overage, a spill, a correction; witnessed.",
     witnessed_options, 1, 1, command_register_adjust},
    {"register", "destroy", "MEDICINE --second STAFF", "Enter a destruction before an authorised witness.",
     witnessed_options, 1, 1, command_register_destroy},
    {"register", "note", "MEDICINE [--from FILE]", "Enter a note that corrects or explains.", entry_options,
     1, 1, command_register_note},
    {"register", NULL, "[MEDICINE]", "The sections of the register, or the entries of one.", NULL, 0, 1,
     command_register},
    {"stock", "prepour", "[--date DAY]", "Tomorrow's bottles, and what must be ordered.", prepour_options, 0,
     0, command_stock_prepour},
    {"stock", NULL, "", "Bottles and packs, the open one, what is prepared.", NULL, 0, 0, command_stock},
    {"close", NULL, "DAY [--reason [-]]", "Close a day by its reconciliation.", close_options, 1, 2,
     command_close},
    {"report", NULL, "DAY | claim | endorsement | ndtms | attendance | last-dose | reviews",
     "A report, for a person or as a file.", report_options, 1, 1, command_report},
    {"export", NULL, "FOLDER", "Write the whole register into files of a folder.", NULL, 1, 1,
     command_export},
    {"version", NULL, "", "The versions of this program and of its rules.", NULL, 0, 0, command_version},
};
const size_t cli_commands_count = sizeof cli_commands / sizeof cli_commands[0];
