"""What the tests of the command line in this folder share: a demonstration, the program, and a terminal in tmux."""

import http.client
import itertools
import json
import os
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback

BIN = os.path.abspath(os.environ.get("TEST_BIN", "build/bin"))
WAIT_SECONDS = 20


class Shop:
    """A demonstration with its own folder; people, their PINs, and the socket."""

    keys = itertools.count()

    def __init__(self, *arguments):
        self.folder = tempfile.mkdtemp(prefix="instalment-cli-")
        self.runtime = os.path.join(self.folder, "run")
        os.mkdir(self.runtime, 0o700)
        self.data = os.path.join(self.folder, "data")
        self.arguments = arguments or ("--demo",)
        self.process = None
        self.begin()

    def begin(self):
        self.log = open(os.path.join(self.folder, "log"), "a", encoding="utf-8")
        self.process = subprocess.Popen([f"{BIN}/instalmentd", *self.arguments, "--data", self.data],
                                        stdout=subprocess.PIPE, stderr=self.log, text=True)
        self.ready = json.loads(self.process.stdout.readline())
        self.socket = self.ready["socket"]
        self.pins = {one["staff"]: one["pin"] for one in self.ready["staff"]}

    def end(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        self.process.wait(20)
        self.process.stdout.close()
        self.log.close()

    def environment(self, **more):
        return {"PATH": f"{BIN}:{os.environ['PATH']}", "HOME": self.folder, "XDG_RUNTIME_DIR": self.runtime,
                "XDG_CONFIG_HOME": os.path.join(self.folder, "config"), "INSTALMENT_SOCKET": self.socket,
                "LC_ALL": "C.UTF-8", **more}

    def run(self, *arguments, feed="", status=0, **more):
        """The program to its end; its output."""
        done = subprocess.run([f"{BIN}/instalment", *arguments], input=feed, capture_output=True, text=True,
                              env=self.environment(**more), timeout=WAIT_SECONDS, check=False)
        assert status is None or done.returncode == status, \
            f"instalment {' '.join(arguments)}: {done.returncode}, not {status}\n{done.stdout}{done.stderr}"
        return done.stdout + done.stderr

    def json(self, *arguments, feed="", status=0):
        text = self.run("--json", *arguments, feed=feed, status=status)
        lines = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
        return lines

    def ask(self, method, path, body=None):
        """A request of the interface with the session of the command line; its answer."""
        with open(os.path.join(self.runtime, "instalment"), encoding="utf-8") as file:
            token = json.load(file)[self.socket]["token"]
        connection = http.client.HTTPConnection("localhost")
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.connect(self.socket)
        connection.request(method, "/api/v1" + path, None if body is None else json.dumps(body),
                           {"Authorization": f"Bearer {token}", "Idempotency-Key": f"key-{next(Shop.keys)}",
                            "Content-Type": "application/json"})
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        assert answer.status < 300, f"{method} {path}: {answer.status} {text}"
        return json.loads(text) if text else None

    def enter(self, name):
        """A patient with daily supervised methadone from the first Monday on; the prescription's id."""
        service = self.ask("GET", "/services")["items"][0]["id"]
        patient = self.ask("POST", "/patients", {"name": name, "born_on": "1980-01-02", "address": "1 High Street"})
        return self.ask("POST", "/prescriptions", {
            "patient": patient["id"], "service": service, "form": "FP10MDA", "serial": "1", "stage": "stable",
            "signed_on": "2026-11-20", "start_on": "2026-11-23",
            "prescriber": {"name": "Dr A", "number": "123456", "address": "2 High Street"},
            "wording": ["W1", "W2", "W3", "W4"],
            "items": [{"product": "methadone-1mg-ml-sf", "total": "840", "total_in_words": True, "total_in_figures": True,
                       "doses": [{"from": "2026-11-23", "days": 14, "dose": "60"}]}],
            "collect": {"weekdays": ["mon", "tue", "wed", "thu", "fri", "sat"]}, "supervised": "collection_days"})["id"]

    def sign_in(self, staff):
        self.run("--pin-stdin", "sign-in", staff, feed=self.pins[staff] + "\n")

    def stop(self):
        if self.process.poll() is None:
            self.end()
        shutil.rmtree(self.folder, ignore_errors=True)


class Line:
    """A line to the daemon that can fail: `losing` is a function of a request's first line that tells how."""

    def __init__(self, shop, name):
        self.shop = shop
        self.path = os.path.join(shop.folder, name)
        self.losing = lambda line: None
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.path)
        self.listener.listen(64)
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                near = self.listener.accept()[0]
            except OSError:
                return
            threading.Thread(target=self.serve, args=(near,), daemon=True).start()

    def serve(self, near):
        """One connection, request after request; an answer may be lost, the request too, or both wait for ever."""
        far = socket.socket(socket.AF_UNIX)
        try:
            far.connect(self.shop.socket)
            lost = None
            while True:
                for side in select.select([near, far], [], [], 60)[0]:
                    data = side.recv(65536)
                    if side is near and data[:5] in (b"GET /", b"POST ", b"DELET"):
                        lost = self.losing(data.split(b"\r\n", 1)[0].decode())
                    if lost == "silent":
                        continue
                    if not data or (side is far and lost == "answer") or (side is near and lost == "request"):
                        return
                    (far if side is near else near).sendall(data)
        except OSError:
            pass
        finally:
            near.close()
            far.close()


class Screen:
    """The counter in a terminal of tmux: keys go in, what it shows comes out."""

    numbers = itertools.count()

    def __init__(self, shop, *arguments, columns=80, lines=24, term="vt100", through=None):
        self.path = os.path.join(shop.folder, f"tmux-{next(Screen.numbers)}")
        environment = shop.environment(TERM=term)
        if through is not None:
            environment["INSTALMENT_SOCKET"] = through.path
        command = " ".join([f"{BIN}/instalment", "counter", *arguments])
        # What keeps the pane after the program has ended, so that its last words can be read.
        self.tmux("-f", "/dev/null", "-u", "new-session", "-d", "-s", "c", "-x", str(columns), "-y", str(lines),
                  "env", "-i", *[f"{name}={value}" for name, value in environment.items()],
                  "sh", "-c", f"{command}; echo ended with $?; cat", environment={**environment, "TERM": "xterm"})

    def tmux(self, *arguments, environment=None):
        return subprocess.run(["tmux", "-S", self.path, *arguments], capture_output=True, text=True, check=True,
                              env=environment or {**os.environ, "LC_ALL": "C.UTF-8"}).stdout

    def shows(self):
        return self.tmux("capture-pane", "-p", "-t", "c")

    def wait(self, *texts, gone=(), seconds=WAIT_SECONDS):
        """Until all of these are shown and none of those; tells how many seconds that took."""
        seen = ""
        begin = time.monotonic()
        while time.monotonic() - begin < seconds:
            seen = self.shows()
            if all(text in seen for text in texts) and not any(text in seen for text in gone):
                return time.monotonic() - begin
            select.select([], [], [], 0.05)
        raise AssertionError(f"not seen: {texts}, or still there: {gone}\n{seen}")

    def keys(self, *names):
        self.tmux("send-keys", "-t", "c", *names)

    def type(self, text):
        self.tmux("send-keys", "-t", "c", "-l", text)

    def answer(self, question, text):
        self.wait(question)
        self.type(text)
        self.wait(text if "PIN" not in question else "*" * len(text))
        self.keys("Enter")

    def sign_in(self, shop, staff):
        self.wait("Sign-in name:")
        self.type(staff)
        self.wait(f"Sign-in name: {staff}")
        self.keys("Enter")
        self.answer(f"PIN of {staff}:", shop.pins[staff])
        self.wait("Still to come", gone=("PIN of",))

    def resize(self, columns, lines):
        self.tmux("resize-window", "-t", "c", "-x", str(columns), "-y", str(lines))

    def open(self, name):
        """From the list to a patient."""
        self.type(name)
        self.wait(f"Search: {name}")
        self.keys("Enter")
        self.wait("Esc: back", "Last dose")

    def stop(self):
        subprocess.run(["tmux", "-S", self.path, "kill-server"], capture_output=True, check=False)


def main(tests):
    """Runs them in their order, in TAP."""
    print(f"1..{len(tests)}", flush=True)
    failed = 0
    for number, test in enumerate(tests, 1):
        name = re.sub("_", " ", test.__name__)
        try:
            begin = time.monotonic()
            test()
            print(f"ok {number} - {name} # {time.monotonic() - begin:.1f} s", flush=True)
        except Exception:  # pylint: disable=broad-except
            failed += 1
            print(f"not ok {number} - {name}")
            print("".join("# " + line + "\n" for line in traceback.format_exc().splitlines()), flush=True)
    sys.exit(1 if failed else 0)
