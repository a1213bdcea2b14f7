#!/usr/bin/env python3
"""`instalment counter` as somebody uses it: keys and a screen of 80 by 24, in tmux, against a demonstration."""

import signal
import unicodedata

from playing import Line, Screen, Shop, main

SHOP = Shop()


def counter(*arguments, staff="a.khan", **size):
    screen = Screen(SHOP, *arguments, **size)
    if staff is not None:
        screen.sign_in(SHOP, staff)
    return screen


def columns(text):
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def identify(screen):
    screen.keys("Enter")
    screen.wait("Ask for two")
    screen.keys("Enter")
    screen.wait("Ask for two, each time")
    screen.keys("n", "d")
    screen.wait("[x] n", "[x] d")
    screen.keys("Enter")


def give(screen, pin="739164"):
    """A supervised supply from the patient's page to the answer."""
    identify(screen)
    screen.wait("Who sees the dose taken", "a.khan")
    screen.keys("Enter")
    screen.answer("PIN of a.khan:", pin)


def a_supervised_supply_is_recorded():
    screen = counter()
    try:
        screen.wait("Still to come (12)", "Quenby Oakhollow", "Done (0)")
        screen.open("quen")
        shown = screen.shows()
        assert "May be given: 60 ml, supervised." in shown, shown
        assert "1 Larkspur Row" in shown and "2 Apr 1979" in shown, shown
        give(screen, "0000")
        screen.wait("The PIN is wrong.")
        screen.answer("PIN of a.khan:", SHOP.pins["a.khan"])
        screen.wait("RECORDED", "register methadone-1mg-ml-sf")
        screen.keys("Enter")
        screen.wait("Still to come (11)", "Done (1)", "supplied")
    finally:
        screen.stop()
    SHOP.sign_in("a.khan")
    rows = [row for row in SHOP.json("today")[0]["due"] if row["patient"]["name"] == "Quenby Oakhollow"]
    assert [row["status"] for row in rows] == ["supplied"], rows


def a_second_dose_and_a_hold_are_refused_without_an_amount():
    screen = counter()
    try:
        screen.keys("Tab")
        screen.open("quen")
        shown = screen.shows()
        assert "GIVE NOTHING." in shown and "60 ml" not in shown, shown
        screen.keys("Enter")
        screen.wait("Nothing can be supplied.")
        screen.keys("Escape")
        screen.wait("Search:")
        screen.open("perpetua")
        shown = screen.shows()
        assert "On hold until the prescriber" in shown and "D11" in shown and "80 ml" not in shown, shown
        screen.keys("o")
        screen.wait("What happened?")
        screen.keys("5")
        screen.wait("Why?")
        screen.keys("1")
        screen.answer("A note, or none:", "waits for the service")
        screen.wait("RECORDED: nothing was supplied")
    finally:
        screen.stop()


def a_supply_that_the_rules_refuse_meanwhile_is_not_recorded():
    screen = counter()
    try:
        screen.open("tamsin")
        identify(screen)
        screen.wait("Who sees the dose taken")
        # Somebody holds the prescription at another terminal: this screen goes back by itself.
        rx = [row for row in SHOP.json("today")[0]["due"] if row["patient"]["name"] == "Tamsin Ferncastle"][0]
        SHOP.run("--pin-stdin", "decide", rx["prescription"])
        SHOP.run("--pin-stdin", "supply", rx["prescription"], "--identified-by", "name and date of birth",
                 "--supervised-by", "a.khan", feed=SHOP.pins["a.khan"] + "\n")
        screen.wait("Something has changed meanwhile", "GIVE NOTHING.")
    finally:
        screen.stop()


def checks_are_confirmed_one_by_one_and_a_no_records_nothing():
    screen = counter()
    try:
        screen.open("idris")
        screen.keys("r")  # a representative: other reasons, asked anew
        screen.wait("Collected by a representative")
        screen.keys("r", "r")
        screen.wait("Last dose", gone=("Collected by",))
        screen.keys("Escape")
        screen.wait("Search:")
        screen.open("ambrose")
        screen.keys("r")
        screen.wait("Collected by a representative", "D13")
        identify(screen)
        screen.answer("Name of who collects:", "Ruth Lindenfold")
        screen.answer("Their address:", "4 Chapel Yard")
        screen.wait("Was their identity asked for?")
        screen.keys("y")
        screen.wait("Did they show it?")
        screen.keys("y")
        screen.wait("A pharmacist checks (D13)")
        screen.keys("n")
        screen.wait("A check was not confirmed: nothing was recorded.")
    finally:
        screen.stop()


def a_concern_takes_few_keys():
    screen = counter()
    try:
        screen.open("saffron")
        screen.keys("c")
        screen.wait("drowsy", "hard to wake")
        screen.keys("c")
        screen.wait("[x] c", "Call 999")
        screen.keys("Enter")
        screen.wait("What was decided?")
        screen.keys("3")
        screen.wait("In your own words")
        screen.keys("Enter")
        screen.wait("RECORDED: the concern")
        screen.keys("Enter")
        screen.wait("withheld")
    finally:
        screen.stop()


def the_screen_says_that_the_line_is_lost_and_comes_back():
    screen = counter()
    try:
        screen.open("marigold")
        identify(screen)
        screen.wait("Who sees the dose taken")
        SHOP.end(signal.SIGTERM)
        seconds = screen.wait("LINE LOST")
        assert seconds <= 5, f"only after {seconds} s"
        screen.keys("Escape", "Enter")
        screen.wait("The line is lost: nothing can be recorded now.")
        SHOP.begin()
        screen.wait("Sign-in name:", gone=("LINE LOST", "Marigold"))
        screen.keys("C-u")
        screen.sign_in(SHOP, "a.khan")
    finally:
        screen.stop()


def status_of(name):
    return [row["status"] for row in SHOP.json("today")[0]["due"] if row["patient"]["name"] == name]


def to_the_pin(screen, name):
    screen.open(name)
    identify(screen)
    screen.wait("Who sees the dose taken")
    screen.keys("Enter")
    screen.wait("PIN of a.khan:")


def an_answer_that_was_lost_is_looked_up():
    line = Line(SHOP, "losing")
    screen = Screen(SHOP, through=line)
    try:
        screen.sign_in(SHOP, "a.khan")
        to_the_pin(screen, "caspian")
        line.losing = lambda request: "answer" if request.startswith("POST /api/v1/supplies ") else None
        screen.answer("PIN of a.khan:", SHOP.pins["a.khan"])
        screen.wait("IT WAS RECORDED", "Do not give another dose")
        screen.keys("Enter")
        screen.wait("Still to come")
        assert status_of("Caspian Millrace") == ["supplied"]
        # And where the request itself was lost: not there, said so, and still to be recorded with the same page.
        to_the_pin(screen, "ottoline")
        line.losing = lambda request: "request" if request.startswith("POST /api/v1/supplies ") else None
        screen.answer("PIN of a.khan:", SHOP.pins["a.khan"])
        screen.wait("NOT KNOWN WHETHER", "Do not give another dose")
        screen.wait("It was NOT recorded. If the dose was given, record it now")
        assert status_of("Ottoline Hazelgrove") == ["due"]
        line.losing = lambda request: None
        identify(screen)
        screen.wait("Who sees")
        screen.keys("Enter")
        screen.answer("PIN of a.khan:", SHOP.pins["a.khan"])
        screen.wait("+ RECORDED")
        assert status_of("Ottoline Hazelgrove") == ["supplied"]
    finally:
        screen.stop()


def a_line_that_falls_silent_shows_within_five_seconds():
    line = Line(SHOP, "silent")
    screen = Screen(SHOP, through=line)
    try:
        screen.sign_in(SHOP, "a.khan")
        line.losing = lambda request: "silent"
        seconds = screen.wait("LINE LOST")
        assert seconds <= 5, f"only after {seconds} s"
        line.losing = lambda request: None
        screen.wait("Still to come", gone=("LINE LOST",))
        screen.open("ambrose")
    finally:
        screen.stop()


def an_idle_screen_locks_and_resumes_where_it_was():
    screen = counter("--idle", "5")
    try:
        screen.open("wilhelmina")
        screen.wait("Locked.", "PIN of a.khan:", gone=("Wilhelmina", "Duskmoor"))
        screen.answer("PIN of a.khan:", "1111")
        screen.wait("wrong")
        screen.answer("PIN of a.khan:", SHOP.pins["a.khan"])
        screen.wait("Wilhelmina Duskmoor", "Last dose")
        screen.keys("C-k")
        screen.wait("Locked.")
        screen.keys("C-u")
        screen.wait("Sign-in name:")
        screen.keys("C-u")
        screen.sign_in(SHOP, "p.nowak")
        screen.wait("Piotr Nowak, technician", gone=("Wilhelmina Duskmoor   born",))
        screen.keys("C-q")
        screen.wait("ended with 0")
    finally:
        screen.stop()


def names_of_any_script_break_no_column():
    """Wide, combining, right-to-left, and what would move the cursor; at 80 and other widths, with and without colour."""
    names = ["\u738b\u5c0f\u660e \u9673\u7f8e\u73b2 \u674e\u5c0f\u9f8d \u738b\u5c0f\u660e", "Ze\u0301lie A\u0303o", "\u0645\u062d\u0645\u062f \u0639\u0628\u062f",
             "\uac00\u0301\uff21\uff22" * 10, "Ana " + "x" * 90]
    SHOP.sign_in("p.nowak")
    for name in names:
        SHOP.enter(name)
    screen = counter(term="xterm-256color")
    try:
        for size in ((80, 24), (120, 40), (60, 20), (30, 8), (80, 24)):
            screen.resize(*size)
            if size[0] == 30:
                screen.wait("too small")
                continue
            screen.wait("Still to come")
            screen.wait("Done (", gone=("too small",))
            lines = screen.shows().splitlines()
            assert all(columns(line) <= size[0] for line in lines), lines
            bars = {columns(line.split("|")[0]) for line in lines if "|" in line}
            assert len(bars) == 1, (bars, lines)
        shown = screen.shows()
        assert "\u738b\u5c0f\u660e" in shown and "Ze\u0301lie" in shown, shown
        screen.open("Ana")
        screen.keys("Escape")
        screen.wait("Search:")
        screen.type("zz")
        screen.wait("Search: zz", "nobody is found here")
    finally:
        screen.stop()


def without_a_terminal_it_says_so():
    said = SHOP.run("counter", status=2)
    assert "needs a terminal" in said, said
    said = SHOP.run("counter", "--idle", "1", status=2)
    assert "--idle is a number" in said, said


if __name__ == "__main__":
    try:
        main([a_supervised_supply_is_recorded, a_second_dose_and_a_hold_are_refused_without_an_amount,
              a_supply_that_the_rules_refuse_meanwhile_is_not_recorded,
              checks_are_confirmed_one_by_one_and_a_no_records_nothing, a_concern_takes_few_keys,
              names_of_any_script_break_no_column, an_idle_screen_locks_and_resumes_where_it_was,
              an_answer_that_was_lost_is_looked_up, a_line_that_falls_silent_shows_within_five_seconds, the_screen_says_that_the_line_is_lost_and_comes_back,
              without_a_terminal_it_says_so])
    finally:
        SHOP.stop()
