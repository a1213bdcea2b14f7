#!/usr/bin/env python3
"""The commands that keep the pharmacy itself: staff, services, calendar, terminals, clock, log, configuration, rules."""

import json
import os
import re
import select
import subprocess

from playing import BIN, Shop, main

SHOP = Shop()
MANAGER = SHOP.pins["m.hughes"]
SECOND = SHOP.pins["a.khan"]


def says(*arguments, texts, feed="", status=0, gone=()):
    said = SHOP.run(*arguments, feed=feed, status=status)
    for text in texts:
        assert text in said, f"{arguments}: did not say \"{text}\"\n{said}"
    for text in gone:
        assert text not in said, f"{arguments}: said \"{text}\"\n{said}"
    return said


def staff_come_change_and_go():
    SHOP.sign_in("m.hughes")
    new = json.dumps({"name": "Bea Ford"})
    # A role takes a second person; without one nothing is written.
    says("--pin-stdin", "staff", "add", "b.ford", "--role", "counter", "--from", "-", feed=f"48213\n{new}", status=6,
         texts=["second"])
    says("--pin-stdin", "staff", "add", "b.ford", "--role", "counter", "--from", "-", "--second", "a.khan",
         feed=f"48213\n{SECOND}\n{new}", texts=["b.ford", "Bea Ford", "counter"], gone=["48213"])
    says("--pin-stdin", "sign-in", "b.ford", feed="48213\n", texts=["Bea Ford"])
    says("staff", "list", texts=["b.ford"])
    says("--pin-stdin", "staff", "add", "x.y", "--role", "counter", "--from", "-", feed=f"1357\n{new}", status=6,
         texts=["role"])
    SHOP.sign_in("m.hughes")
    says("--pin-stdin", "staff", "change", "b.ford", "--pin", feed="90817\n", texts=["b.ford"])
    says("--pin-stdin", "sign-in", "b.ford", feed="48213\n", status=6, texts=["wrong"])
    SHOP.sign_in("m.hughes")
    says("staff", "change", "b.ford", "--active", "no", texts=["x left"])
    says("--pin-stdin", "sign-in", "b.ford", feed="90817\n", status=6, texts=["wrong"])
    SHOP.sign_in("m.hughes")
    says("staff", "change", "b.ford", status=2, texts=["what is to be changed"])
    says("staff", "change", "b.ford", "--active", "maybe", status=2, texts=["yes or no"])
    says("staff", "show", "nobody", status=3, texts=["nobody with this sign-in name"])
    says("staff", "add", "c.ford", "--role", "counter", status=2, texts=["there is no terminal"])
    assert [one["id"] for one in SHOP.json("staff", "list")] == sorted([*SHOP.pins, "b.ford"])


def a_service_s_secret_goes_in_and_never_out():
    secret = "whsec_" + "QUJDREVGR0hJSktMTU5PUFFSU1RVVldY" * 2
    body = json.dumps({"name": "Other Service", "kind": "hospital", "endpoint": {"url": "https://other.example/alerts"}})
    says("--pin-stdin", "service", "add", "--from", "-", "--secret", feed=f"{secret}\n{body}", status=6,
         texts=["second"], gone=[secret])
    added = says("--pin-stdin", "service", "add", "--from", "-", "--secret", "--second", "a.khan",
                 feed=f"{secret}\n{SECOND}\n{body}", texts=["Other Service", "secret", "never shown"], gone=[secret])
    short = re.search(r"Other Service +(\S{5})\n", added).group(1)
    says("service", "show", short, texts=["https://other.example/alerts"], gone=[secret])
    assert secret not in json.dumps(SHOP.json("service", "list"))
    says("--pin-stdin", "service", "change", short, "--from", "-", feed='{"telephone":"01632 960111"}',
         texts=["01632 960111"])
    says("service", "change", short, status=2, texts=["what is to be changed"])
    says("service", "change", short, "--from", "/nowhere", status=1, texts=["/nowhere"])
    says("--pin-stdin", "service", "change", short, "--from", "-", feed='{"telephone":}', status=1, texts=["1:14", "JSON"])


def the_calendar_is_drawn_and_set():
    says("calendar", "show", "--from", "2026-12-21", "--weeks", "2",
         texts=["Mon        Tue", "x holiday", "9-18", "x Fri 25 Dec 2026", "Christmas Day: closed"])
    says("calendar", "show", texts=[">23 Nov<"])
    says("calendar", "close", "2026-11-26", feed="refit\n",
         texts=["due on Thu 26 Nov 2026:", "Quenby Oakhollow", "is closed"])
    says("calendar", "show", texts=["x closed", "x Thu 26 Nov 2026  closed: refit"])
    says("calendar", "regular", "2026-11-26", texts=["as its weekday is"])
    says("calendar", "show", texts=["27"], gone=["refit"])
    says("calendar", "open", "2026-11-29", "--hours", "10-13:30", texts=["is open"])
    says("calendar", "show", texts=["+10-13:30", "+ Sun 29 Nov 2026"])
    says("calendar", "confirm", "2026-12-28", "--open", texts=["is open on this bank holiday"])
    says("calendar", "show", "--from", "2026-12-28", texts=["open all the same"])
    says("calendar", "confirm", "2026-12-28", texts=["is closed on this bank holiday"])
    says("calendar", "hours", "--from", "-", feed='{"sat":["09:00","12:00"]}', texts=["are set"])
    says("calendar", "show", texts=["9-12"])
    says("calendar", "open", "2026-11-29", "--hours", "tea time", status=2, texts=["--hours are hours"])
    says("calendar", "close", "soon", status=2, texts=["is no day"])
    says("calendar", "show", "--weeks", "0", status=2, texts=["--weeks"])
    says("calendar", "close", "2026-11-20", feed="too late\n", status=1, texts=["instalment:"])
    assert SHOP.json("calendar", "show")[0]["days"]


def the_responsible_pharmacist_signs_off_and_on():
    SHOP.sign_in("a.khan")
    says("responsible", "show", texts=["Amina Khan", "2071834"])
    feed = SECOND + "\n"
    says("--pin-stdin", "responsible", "absent-from", feed=feed, texts=["away since 09:00"])
    says("--pin-stdin", "responsible", "absent-to", feed=feed, texts=["back in the pharmacy"])
    says("--pin-stdin", "responsible", "sign-off", feed=feed, texts=["Nobody is signed on", "nothing can be supplied"])
    says("--pin-stdin", "responsible", "sign-on", "--by", "d.osei", feed=SHOP.pins["d.osei"] + "\n", texts=["Daniel Osei"])
    says("--pin-stdin", "responsible", "sign-off", "--by", "d.osei", feed="1\n", status=6, texts=["PIN is wrong"])
    says("--pin-stdin", "clock", "confirm", feed=feed, texts=["confirmed to be right by a.khan"])


def a_terminal_is_enrolled_over_tls():
    url, ca = SHOP.ready["url"], SHOP.ready["ca"]
    says("--url", url, "--ca", ca, "--pin-stdin", "sign-in", "a.khan", feed="739164\n", status=6, texts=["enrol"])
    SHOP.sign_in("m.hughes")
    code = SHOP.json("terminals", "code")[0]["code"]
    says("terminals", "enrol", status=2, texts=["the local socket needs no enrolment"])
    says("--url", url, "--ca", ca, "terminals", "enrol", feed="ABCD-EFGH-XX\n", status=6, texts=["instalment:"])
    said = says("--url", url, "--ca", ca, "terminals", "enrol", "--name", "Counter 7", feed=code + "\n",
                texts=["This is now the terminal \"Counter 7\""])
    kept = os.path.join(SHOP.folder, "config", "instalment", "terminals.json")
    with open(kept, encoding="utf-8") as file:
        token = json.load(file)[url]["token"]
    assert os.stat(kept).st_mode & 0o777 == 0o600 and token not in said
    says("--url", url, "--ca", ca, "--pin-stdin", "sign-in", "a.khan", feed="739164\n", texts=["Amina Khan"])
    terminal = [one for one in SHOP.json("terminals", "list") if one["name"] == "Counter 7"][0]["id"]
    says("terminals", "list", texts=["Counter 7", "Demonstration"])
    says("terminals", "revoke", terminal[-5:], texts=["revoked for ever"])
    says("--url", url, "--ca", ca, "today", status=6, texts=["enrol"])
    says("terminals", "list", texts=["x Counter 7", "revoked"])


def the_log_tells_who_did_what():
    lines = SHOP.json("audit", "--all", "--staff", "a.khan")
    assert lines and all(line["staff"] == "a.khan" for line in lines)
    assert len(SHOP.json("audit", "--limit", "3")) == 3
    says("audit", "--limit", "3", texts=["m.hughes", "There is more"])
    says("audit", "--limit", "x", status=2, texts=["--limit"])
    says("audit", "--staff", "a b&c", status=2, texts=["neither an id nor a day"])
    SHOP.sign_in("a.khan")
    SHOP.run("today")
    rx = SHOP.json("today")[0]["due"][0]
    SHOP.run("decide", rx["prescription"])
    says("audit", status=6, texts=["role"])
    SHOP.sign_in("m.hughes")
    of_patient = SHOP.json("audit", "--patient", rx["patient"]["id"])
    assert of_patient and all(line["patient"] == rx["patient"]["id"] for line in of_patient)
    assert rx["patient"]["name"] not in json.dumps(of_patient)


def the_configuration_tells_what_is_in_effect():
    options = {one["key"]: one for one in SHOP.json("config")}
    assert options["data"]["value"] == SHOP.data and options["data"]["default"] == "/var/lib/instalmentd", options["data"]
    assert options["log_level"]["reloadable"] and not options["listen"]["reloadable"]
    says("config", texts=["* data", "  zone"])
    says("config", "log_level", texts=["error, warning, notice or debug", "reload"])
    assert SHOP.json("config", "zone")[0]["value"] == "Europe/London"
    says("config", "colour", status=3, texts=["no option colour"])
    SHOP.sign_in("a.khan")
    says("config", status=6, texts=["role"])


def rules_are_looked_up_without_a_daemon():
    away = {"INSTALMENT_SOCKET": "/nowhere"}
    for what, text in (("D11", "three_day_rule"), ("d11", "three_day_rule"), ("M7", "please see"), ("P10", "closed day"),
                       ("A3", "intermittent"), ("C5", "SHA-256"), ("three_day_rule", "D11"), ("W1old", "immediately prior"),
                       ("take-home", "D4")):
        said = SHOP.run("rules", what, **away)
        assert text in said, (what, said)
    said = SHOP.run("rules", **away)
    ids = re.findall(r"^([DMPAC]\d+) ", said, re.M)
    assert len(ids) == len(set(ids)) and len(ids) > 60, ids
    for one in ids:
        assert SHOP.run("rules", one, **away).startswith(one), one
    with open(os.path.join(os.path.dirname(__file__), "..", "..", "docs", "rules.md"), encoding="utf-8") as file:
        book = file.read()
    assert sorted(set(re.findall(r"^\| ([DMPAC]\d+) \|", book, re.M))) == sorted(ids)
    says("rules", "zebra", status=3, texts=["no rule"])
    assert SHOP.json("rules", "D22")[0]["codes"] == "part_supply"


def events_come_a_line_each():
    SHOP.sign_in("a.khan")
    with subprocess.Popen([f"{BIN}/instalment", "--json", "events"], stdout=subprocess.PIPE, text=True,
                          env=SHOP.environment()) as process:
        try:
            rx = SHOP.json("today")[0]["due"][0]["prescription"]
            line = ""
            for _ in range(50):  # until it listens
                SHOP.ask("POST", f"/prescriptions/{rx}/hold", {"reason": "a test"})
                SHOP.ask("POST", f"/prescriptions/{rx}/release", {"reason": "a test"})
                if select.select([process.stdout], [], [], 0.2)[0]:
                    line = process.stdout.readline()
                    break
            event = json.loads(line)
            assert event["event"] == "day" and event["id"] == rx and event["state"], event
        finally:
            process.terminate()


def health_and_products_and_the_clock():
    says("health", texts=["is well", "Mon 23 Nov 2026, 09:00"])
    assert SHOP.json("health")[0]["status"] == "ok"
    says("products", texts=["methadone-1mg-ml-sf", "schedule 2"])
    assert all(one["unit"] for one in SHOP.json("products"))
    says("clock", "advance", "2026-11-23T12:30:00", texts=["Mon 23 Nov 2026, 12:30"])
    says("clock", "advance", "2026-11-23T10:00:00", status=4, texts=["only goes forward"])
    says("clock", "advance", "noon", status=1, texts=["date and time"])
    says("clock", "advance", "cut-off", texts=["18:01"])
    says("clock", "advance", "tomorrow", texts=["Tue 24 Nov 2026, 09:00"])
    said = SHOP.run("health", status=7, INSTALMENT_SOCKET="/nowhere/ctl.sock")
    assert "does not answer" in said and "downtime sheets" in said, said


if __name__ == "__main__":
    try:
        main([staff_come_change_and_go, a_service_s_secret_goes_in_and_never_out, the_calendar_is_drawn_and_set,
              the_responsible_pharmacist_signs_off_and_on, a_terminal_is_enrolled_over_tls, the_log_tells_who_did_what,
              the_configuration_tells_what_is_in_effect, rules_are_looked_up_without_a_daemon, events_come_a_line_each,
              health_and_products_and_the_clock])
    finally:
        SHOP.stop()
