/* Every command. Help, completion and the test of the manual page walk this table. */
#include "commands.h"

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
    {"version", NULL, "", "The versions of this program and of its rules.", NULL, 0, 0, command_version},
};
const size_t cli_commands_count = sizeof cli_commands / sizeof cli_commands[0];
