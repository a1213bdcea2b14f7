/* What each finding is called and says: see finding_table.h. */
#include "finding_table.h"

static const char law[] = "law";
static const char policy[] = "policy";
static const char dose_warning[] = "dose_warning";
static const char closed_day[] = "collection_on_closed_day";
static const char run_from[] = "items[{i}].doses[{r}].from";
static const char item_doses[] = "items[{i}].doses";

const struct finding_row finding_rows[FINDING_COUNT] = {
    [FINDING_SIGNED_IN_FUTURE] = {"signed_in_future", NULL, "P1", law, FINDING_IS_WARNING, "signed_on",
                                  "The signature date {day} lies in the future. Please compare it with the "
                                  "form."},
    [FINDING_BEFORE_APPROPRIATE_DATE] =
        {"before_appropriate_date", NULL, "P2", law, FINDING_REFUSES, run_from,
         "The plan begins on {day}, before {other}: nothing may be supplied before the later of the "
         "signature and the start date. Please compare the days with the form."},
    [FINDING_PLAN_BEFORE_ENTRY] =
        {"plan_before_entry", NULL, "P2", law, FINDING_IS_NOTE, run_from,
         "{n} day{s} of this plan came before today. Nobody is told of them as missed. Please type what was "
         "already supplied from this form."},
    [FINDING_FIRST_INSTALMENT_EXPIRED] =
        {"first_instalment_expired", NULL, "D3", law, FINDING_IS_WARNING, "signed_on",
         "The first instalment had to be supplied by {day}. Unless one was, please ask the prescriber for a "
         "new form."},
    [FINDING_SUPPLIED_BEFORE_ON] =
        {"supplied_before_on", NULL, "P2", law, FINDING_REFUSES, "supplied_before[{r}].on",
         "An instalment supplied before entry has the day {day}: it must lie between the signature date and "
         "today."},
    [FINDING_SUPPLIED_BEFORE_COVERS] =
        {"supplied_before_covers", NULL, "P2", law, FINDING_REFUSES, "supplied_before[{r}].covers",
         "An instalment supplied before entry must name days of this plan that have a dose, each once."},
    [FINDING_SUPPLIED_BEFORE_UNCONFIRMED] =
        {"supplied_before_unconfirmed", NULL, "P2", policy, FINDING_REFUSES,
         "supplied_before[{r}].confirmed_by",
         "Please name who confirmed the instalment that was supplied before entry."},
    [FINDING_TOO_LONG] = {"too_long", NULL, "P3", law, FINDING_REFUSES, "items",
                          "The plan covers {n} days; this form allows at most 14 days of treatment."},
    [FINDING_OVER_30_DAYS] = {"over_30_days", NULL, "P3", policy, FINDING_IS_WARNING, "items",
                              "The plan covers {n} days. More than 30 days is unusual: please ask the "
                              "prescriber whether it is meant."},
    [FINDING_INSTALMENTS_NOT_ALLOWED] =
        {"instalments_not_allowed", NULL, "P3", law, FINDING_REFUSES, "collect",
         "This form cannot be supplied in instalments: everything is collected on one day, but the plan has "
         "{n} collections."},
    [FINDING_WORDING_NOT_ALLOWED] =
        {"wording_not_allowed", NULL, "P3", law, FINDING_REFUSES, "wording",
         "The instalment wording has no place on this form. Please compare the kind of form."},
    [FINDING_DRUG_NOT_ON_FORM] =
        {"drug_not_on_form", NULL, "P4", law, FINDING_REFUSES, "items[{i}].product",
         "{product} cannot be prescribed on this form. Please compare the product and the kind of form."},
    [FINDING_TOTAL_MISSING] = {"total_missing", NULL, "P5", law, FINDING_REFUSES, "items[{i}].total",
                               "The form does not give the total quantity. Please ask the prescriber."},
    [FINDING_TOTAL_IN_WORDS_MISSING] =
        {"total_in_words_missing", NULL, "P5", law, FINDING_NEEDS_ACCEPT, "items[{i}].total_in_words",
         "The form gives the total in figures, not in words. A pharmacist may add the words."},
    [FINDING_TOTAL_IN_FIGURES_MISSING] =
        {"total_in_figures_missing", NULL, "P5", law, FINDING_NEEDS_ACCEPT, "items[{i}].total_in_figures",
         "The form gives the total in words, not in figures. A pharmacist may add the figures."},
    [FINDING_DOSE_MISSING] = {"dose_missing", NULL, "P5", law, FINDING_REFUSES, item_doses,
                              "The form does not give a dose; \"as directed\" is not enough. Please ask the "
                              "prescriber."},
    [FINDING_FORM_MISSING] = {"form_missing", NULL, "P5", law, FINDING_REFUSES, "items[{i}].product",
                              "The form does not say what {product} is, such as solution or tablets. Please "
                              "ask the prescriber."},
    [FINDING_STRENGTH_MISSING] = {"strength_missing", NULL, "P5", law, FINDING_REFUSES, "items[{i}].product",
                                  "The form does not give the strength of {product}. Please ask the "
                                  "prescriber."},
    [FINDING_AMOUNT_MISSING] = {"amount_missing", NULL, "P5", law, FINDING_REFUSES, item_doses,
                                "The form does not give the amount of each instalment. Please ask the "
                                "prescriber."},
    [FINDING_INTERVAL_MISSING] = {"interval_missing", NULL, "P5", law, FINDING_REFUSES, "collect",
                                  "The form does not say on which days the instalments are collected. Please "
                                  "ask the prescriber."},
    [FINDING_SIGNATURE_MISSING] = {"signature_missing", NULL, "P5", law, FINDING_REFUSES, "prescriber",
                                   "The form is not signed. Please ask the prescriber."},
    [FINDING_DATE_MISSING] = {"date_missing", NULL, "P5", law, FINDING_REFUSES, "signed_on",
                              "The form is not dated. Please ask the prescriber."},
    [FINDING_ADDRESS_MISSING] = {"address_missing", NULL, "P5", law, FINDING_REFUSES, "prescriber.address",
                                 "The prescriber's address is missing. Please compare it with the form, or "
                                 "ask the prescriber."},
    [FINDING_AMENDMENT_NOT_ALLOWED] =
        {"amendment_not_allowed", NULL, "P5", law, FINDING_REFUSES, "amendments[{r}]",
         "A pharmacist may amend a typing or spelling error, or add the total in words or in figures where "
         "the other is there. Anything else only the prescriber can change."},
    [FINDING_AMENDMENT_INCOMPLETE] =
        {"amendment_incomplete", NULL, "P5", law, FINDING_REFUSES, "amendments[{r}]",
         "An amendment is kept with the pharmacist's name, what stood there before and what stands there "
         "now. Please fill in all of them."},
    [FINDING_SUPERVISED_PART_TOO_LARGE] =
        {"supervised_part_too_large", NULL, "S1", policy, FINDING_REFUSES,
         "items[{i}].doses[{r}].supervised_part",
         "The supervised part of {figure} is more than the day's dose of {limit}."},
    [FINDING_COLLECTION_OUTSIDE_PLAN] =
        {"collection_outside_plan", NULL, "S1", policy, FINDING_IS_WARNING, "collect.dates",
         "The collection day {day} lies outside the plan. Please compare the days with the form."},
    [FINDING_WORDING_NOT_TICKED] =
        {"wording_not_ticked", NULL, "S2", policy, FINDING_IS_WARNING, "wording",
         "The text of the form holds approved wording that was not chosen. Please compare."},
    [FINDING_WORDING_KEPT_AS_TEXT] =
        {"wording_kept_as_text", NULL, "S2", law, FINDING_IS_NOTE, "wording_text",
         "This wording is kept and shown as it stands. It is not the approved wording, so it does not by "
         "itself allow a supply on another day."},
    [FINDING_TOTAL_MISMATCH] =
        {"total_mismatch", NULL, "P6", law, FINDING_NEEDS_ACCEPT, "items[{i}].total",
         "The total on the form is {figure}; the doses of the plan add up to {limit}. Please compare both "
         "with the form. If a pharmacist keeps it so, no more than the smaller figure is ever supplied."},
    [FINDING_TOTAL_AS_DAILY_DOSE] =
        {"total_as_daily_dose", NULL, "P6", policy, FINDING_IS_WARNING, "items[{i}].doses[{r}].dose",
         "The dose typed for one day, {figure}, is the total of the whole form. Please check that the total "
         "was not typed as the daily dose."},
    [FINDING_OVERLAP] = {"overlap", NULL, "P7", policy, FINDING_REFUSES, "replaces",
                         "Another prescription of this kind of medicine is in force from {day} to {other}. "
                         "Please say from which day this one replaces it, or that the two are one dose given "
                         "together."},
    [FINDING_GIVEN_TOGETHER] =
        {"given_together", NULL, "P7", policy, FINDING_IS_WARNING, "together_with",
         "This prescription and another one make up one dose. A pharmacist makes sure with the prescriber."},
    [FINDING_REPLACES_OTHER_CLASS] = {"replaces_other_class", NULL, "P7", policy, FINDING_REFUSES, "replaces",
                                      "A prescription can only replace one of the same kind of medicine."},
    [FINDING_TOGETHER_WITH_OTHER_CLASS] =
        {"together_with_other_class", NULL, "P7", policy, FINDING_REFUSES, "together_with",
         "Only prescriptions of the same kind of medicine can make up one dose."},
    [FINDING_DOSE_FIRST] =
        {dose_warning, "first_dose", "P8", policy, FINDING_IS_WARNING, item_doses,
         "{mg} mg on {day} would be a first dose or a restart: no dose is recorded on the three days before. "
         "Above {limit_mg} mg, please confirm the dose and the last dose taken with the service."},
    [FINDING_DOSE_FIRST_STRONG] =
        {dose_warning, "first_dose_strong", "P8", policy, FINDING_IS_WARNING, item_doses,
         "{mg} mg on {day} would be a first dose or a restart: no dose is recorded on the three days before. "
         "Above {limit_mg} mg this can be fatal without tolerance: please confirm the dose and the last dose "
         "taken with the prescriber."},
    [FINDING_DOSE_DAILY] = {dose_warning, "daily_dose", "P8", policy, FINDING_IS_WARNING, item_doses,
                            "{mg} mg on {day} is more than {limit_mg} mg in a day. Please check product, "
                            "strength and dose against the form."},
    [FINDING_DOSE_DAILY_STRONG] =
        {dose_warning, "daily_dose_strong", "P8", policy, FINDING_IS_WARNING, item_doses,
         "{mg} mg on {day} is far outside the usual range, more than {limit_mg} mg in a day. Please check "
         "product, strength and dose against the form and with the prescriber."},
    [FINDING_DOSE_RISE_DAY] =
        {dose_warning, "rise_in_a_day", "P8", policy, FINDING_IS_WARNING, item_doses,
         "In titration the dose rises by {mg} mg to {day}, more than {limit_mg} mg at once. Please check "
         "with the prescriber."},
    [FINDING_DOSE_RISE_WEEK] =
        {dose_warning, "rise_in_a_week", "P8", policy, FINDING_IS_WARNING, item_doses,
         "In titration the dose rises by {mg} mg within the week to {day}, more than {limit_mg} mg. Please "
         "check with the prescriber."},
    [FINDING_DOSE_TWO_DRUGS] =
        {dose_warning, "two_drugs", "P8", policy, FINDING_IS_WARNING, "items[{i}].product",
         "On {day} two different medicines of the same kind are prescribed at once. Please check with the "
         "prescriber that both are meant."},
    [FINDING_CONCENTRATE] =
        {"concentrate", NULL, "P9", policy, FINDING_IS_WARNING, "items[{i}].product",
         "{product} is a concentrate. A second person compares product, strength and volume with the form "
         "and confirms."},
    [FINDING_NOT_FOR_DEPENDENCE] =
        {"not_for_dependence", NULL, "P9", policy, FINDING_REFUSES, "items[{i}].product",
         "{product} is not used for this treatment. Please compare product and strength with the form."},
    [FINDING_CLOSED_MOVED] =
        {closed_day, "moved", "P10", policy, FINDING_IS_NOTE, "collect",
         "The pharmacy is closed on {day}: that collection is due on {other}, to take home."},
    [FINDING_CLOSED_MOVED_OR_USUAL] =
        {closed_day, "moved_or_usual", "P10", policy, FINDING_IS_NOTE, "collect",
         "The pharmacy is closed on {day}: that collection is due on {other}, to take home. If the patient "
         "wishes it may also be supplied on {usual}."},
    [FINDING_CLOSED_LATER_DAYS] =
        {closed_day, "later_days", "P10", policy, FINDING_IS_WARNING, "collect",
         "The pharmacy is closed on {day} and that collection is due on no other day. Its later days can be "
         "supplied from {other} on; the days before cannot. Please ask the prescriber in good time."},
    [FINDING_CLOSED_NO_DAY] =
        {closed_day, "no_day", "P10", policy, FINDING_IS_WARNING, "collect",
         "The pharmacy is closed on {day} and that collection is due on no other day: nothing of it could be "
         "supplied. Please ask the prescriber in good time."},
    [FINDING_WEEKLY_CLOSED_ADVANCE] =
        {"weekly_closed_advance", NULL, "P10", policy, FINDING_IS_WARNING, "wording",
         "{n} collection{s} of this plan, the first on {day}, fall on a day on which the pharmacy is closed "
         "every week, and rely on the closed-day wording. Please confirm that this is what the prescriber "
         "meant."},
    [FINDING_IDENTIFIER_INVALID] = {"identifier_invalid", NULL, "P11", policy, FINDING_REFUSES, "patient",
                                    "The patient's number cannot be right. Please compare each digit."},
    [FINDING_PRESCRIBER_NUMBER_UNUSUAL] =
        {"prescriber_number_unusual", NULL, "P11", policy, FINDING_IS_WARNING, "prescriber.number",
         "The prescriber's number does not look like a registration number. Please compare it with the "
         "form."},
    [FINDING_PATIENT_ADDRESS_PO_BOX] =
        {"patient_address_po_box", NULL, "P11", policy, FINDING_REFUSES, "patient",
         "A PO box is not an address. Please ask for the address; \"no fixed abode\" may be written too."},
    [FINDING_PRESCRIBER_ADDRESS_PO_BOX] =
        {"prescriber_address_po_box", NULL, "P11", policy, FINDING_REFUSES, "prescriber.address",
         "A PO box is not an address. Please compare the prescriber's address with the form."},
    [FINDING_COLLECTION_NOT_SUPERVISED] =
        {"collection_not_supervised", NULL, "P13", law, FINDING_REFUSES, "supervised",
         "The form asks for supervision on collection days, but the collection of {day} was typed without "
         "it. If the form limits supervision in its own words, please type those words."},
    [FINDING_SUPERVISION_LIMITED_BY_TEXT] =
        {"supervision_limited_by_text", NULL, "P13", law, FINDING_IS_WARNING, "supervised",
         "The collection of {day}, and perhaps others, is not supervised because the form's own text limits "
         "it. The text is kept. Please compare it with the days typed."},
};
