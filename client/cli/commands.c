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
    BY,
    KEY,
    END};
static const struct cli_option irregular_options[] = {FROM, BY, KEY, END};
static const struct cli_option reverse_options[] = {FROM, BY, KEY, END};

static const struct cli_option entry_options[] = {FROM, KEY, END};
static const struct cli_option witnessed_options[] = {FROM, SECOND, KEY, END};
static const struct cli_option prepour_options[] = {{"date", "DAY", "another day than tomorrow"}, END};
static const struct cli_option close_options[] = {
    {"reason", "WHY", "why alerts that nobody has accepted are left as they are"}, BY, KEY, END};
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
    {"close", NULL, "DAY [--reason WHY]", "Close a day by its reconciliation.", close_options, 1, 1,
     command_close},
    {"report", NULL, "DAY | claim | endorsement | ndtms | attendance | last-dose | reviews",
     "A report, for a person or as a file.", report_options, 1, 1, command_report},
    {"export", NULL, "FOLDER", "Write the whole register into files of a folder.", NULL, 1, 1,
     command_export},
    {"version", NULL, "", "The versions of this program and of its rules.", NULL, 0, 0, command_version},
};
const size_t cli_commands_count = sizeof cli_commands / sizeof cli_commands[0];
