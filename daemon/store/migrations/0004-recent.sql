-- What the day's list needs to read of a patient with years behind them: what is recent, and whether anything reaches further.
CREATE INDEX prescription_entered ON prescription (entered_on);
CREATE INDEX prescription_replaces ON prescription (replaces) WHERE replaces IS NOT NULL;
CREATE INDEX prescription_together ON prescription (together_with) WHERE together_with IS NOT NULL;
CREATE INDEX supply_irregular ON supply (patient) WHERE kind IN ('irregular', 'from_paper');
DROP INDEX outcome_patient;
CREATE INDEX outcome_patient ON outcome (patient, on_day);
