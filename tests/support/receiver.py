#!/usr/bin/env python3
"""A service that misbehaves: receives alerts over TLS and answers each as it is told to.

    receiver.py FOLDER

Makes certificates in FOLDER with openssl, listens on free ports of 127.0.0.1 and prints one JSON line: the ports by name.
A box is the first part of the path (https://127.0.0.1:PORT/BOX): it has a secret, a script and a book of its own. Commands
are JSON lines on standard input, each answered by one JSON line; the end of standard input ends the program.

    {"set": "a", "secret": "whsec_...", "script": ["503", "429:7"], "then": "ok", "task": "requested", "skew": 600}
        what is answered to the next posts, one after the other, and to all later ones; what polls are told; how far the
        clock of this service is off. Members that are left out stay as they are.
    {"book": "a"}     everything that came: {"alerts": {ID: {...}}, "told": 2, "twice": 0, ...}
    {"wait": "a", "posts": 3, "told": 2, "polls": 1, "seconds": 10}    until there were so many; {"ok": false}: never

    {"listener": "good", "certificate": "expired"}    what it shows from now on: good, again (of the same CA, another key),
        expired, other (of a CA that nobody named)

Listeners: "good", "spare" (to be given other certificates), "mutual" (asks for a client certificate), "silent" (accepts
connections and never says a word).

Answers to a post: 200 201 202 204 and any other status as it is; "429:7" with Retry-After; "redirect" (307 to the box
"elsewhere"); "location" (202 with a place to ask); "ok", "transient", "fatal" (MessageHeader.response); "ack", "reject",
"ack-twice" (a Task in the answer); "html"; "broken"; "cut" (stores it, half of the body); "cut-head" (stores it, half of the
head); "close" (stores nothing, no answer); "drip" (stores it, one byte a second); "hang" (stores it, no answer); "forget"
(200 and stores nothing); "hold" (stores it, answers when {"release": "a"} comes).

What counts as an effect: a message that was stored, by what it is about (kind, client, day, words), so that the same thing
told under two ids counts twice, and so does an alert that came by itself and in a digest.
"""
import base64
import hashlib
import hmac
import json
import os
import socket
import ssl
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler
from socketserver import TCPServer, ThreadingMixIn
from urllib.parse import parse_qs, unquote, urlsplit

STORES_NOTHING = {"forget", "close", "transient", "fatal", "redirect"}
lock = threading.Condition()
boxes = {}
contexts = {}
closing = threading.Event()


# ---- certificates


def openssl(folder, *arguments):
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, stdin=subprocess.DEVNULL, capture_output=True)


def make_ca(folder, name):
    openssl(folder, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30",
            "-subj", f"/CN=Test CA {name}", "-addext", "keyUsage=critical,keyCertSign,cRLSign",
            "-keyout", f"{name}-ca.key", "-out", f"{name}-ca.pem")


def make_certificate(folder, name, ca, expired=False, client=False):
    purpose = "clientAuth" if client else "serverAuth"
    with open(os.path.join(folder, f"{name}.cnf"), "w", encoding="ascii") as file:
        file.write(f"[ca]\ndefault_ca=d\n[d]\ndatabase={name}.db\nserial={name}.srl\nnew_certs_dir=.\ndefault_md=sha256\n"
                   "policy=p\nunique_subject=no\n[p]\ncommonName=supplied\n[e]\nbasicConstraints=CA:FALSE\n"
                   f"extendedKeyUsage={purpose}\nsubjectAltName=IP:127.0.0.1,DNS:localhost\n")
    open(os.path.join(folder, f"{name}.db"), "w", encoding="ascii").close()
    with open(os.path.join(folder, f"{name}.srl"), "w", encoding="ascii") as file:
        file.write("%032X\n" % int.from_bytes(os.urandom(15), "big"))
    openssl(folder, "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}",
            "-keyout", f"{name}.key", "-out", f"{name}.csr")
    now = time.time()
    first, last = (now - 90 * 86400, now - 86400) if expired else (now - 3600, now + 30 * 86400)
    stamp = lambda at: time.strftime("%Y%m%d%H%M%SZ", time.gmtime(at))
    openssl(folder, "ca", "-batch", "-config", f"{name}.cnf", "-extensions", "e", "-cert", f"{ca}-ca.pem",
            "-keyfile", f"{ca}-ca.key", "-in", f"{name}.csr", "-out", f"{name}.pem", "-notext",
            "-startdate", stamp(first), "-enddate", stamp(last))


def make_certificates(folder):
    make_ca(folder, "good")
    make_ca(folder, "other")
    make_certificate(folder, "good", "good")
    make_certificate(folder, "again", "good")
    make_certificate(folder, "expired", "good", expired=True)
    make_certificate(folder, "other", "other")
    make_certificate(folder, "client", "good", client=True)
    make_certificate(folder, "client-expired", "good", expired=True, client=True)


# ---- the book


class Box:
    def __init__(self):
        self.secret = None
        self.script = []
        self.then = "ok"
        self.task = "none"
        self.skew = 0
        self.posts = 0
        self.polls = 0
        self.refused = []  # why a message was not taken: signature, time, headers
        self.alerts = {}
        self.effects = {}
        self.told = {}  # which alerts, by themselves or in a digest: in which messages
        self.released = 0
        self.connections = 0
        self.at_once = 0
        self.most_at_once = 0


def box_named(name):
    with lock:
        return boxes.setdefault(name, Box())


def bundle_resources(bundle, kind):
    return [e["resource"] for e in bundle["entry"] if e["resource"]["resourceType"] == kind]


def what_it_says(bundle):
    """What a message is about, whatever its id: so that telling it twice shows. Each test of the route is one of its own."""
    header = bundle_resources(bundle, "MessageHeader")[0]
    patients = bundle_resources(bundle, "Patient")
    observations = bundle_resources(bundle, "Observation")
    client = patients[0].get("identifier", [{}])[0].get("value") if patients else None
    days = sorted(d["dosageInstruction"][0]["timing"]["event"][0] for d in bundle_resources(bundle, "MedicationDispense"))
    text = bundle_resources(bundle, "Communication")[0]["payload"][0]["contentString"]
    words = [line for line in text.split("\n") if not line.startswith(("Happened ", "Please acknowledge", "- "))]
    seen = [c["code"]["text"] for o in observations for c in o.get("component", [])]
    kind = header["eventCoding"]["code"]
    return json.dumps([kind, client, days, seen, words] + ([bundle["id"]] if kind == "route_test" else []))


def alerts_in(bundle, kind):
    """The alerts that a message tells of: its own, those of a digest; a test of the route tells of none."""
    if kind != "digest":
        return [] if kind == "route_test" else [bundle["id"]]
    about = bundle_resources(bundle, "Communication")[0].get("about", [])
    return [a["identifier"]["value"] for a in about if a.get("identifier", {}).get("system") == "urn:instalmentd:alert"]


def signature_fault(box, headers, body):
    """None where the message is signed as Standard Webhooks 1.0 says, within five minutes of this service's clock."""
    try:
        ident, stamp, given = (headers[f"webhook-{name}"] for name in ("id", "timestamp", "signature"))
    except KeyError:
        return "headers"
    if abs(int(stamp) - (time.time() + box.skew)) > 300:
        return "time"
    for secret in (box.secret or "").split():
        key = base64.b64decode(secret.removeprefix("whsec_"))
        mac = base64.b64encode(hmac.new(key, f"{ident}.{stamp}.".encode() + body, hashlib.sha256).digest()).decode()
        if f"v1,{mac}" in given.split():
            return None
    return "signature"


def header_fault(headers, body):
    ident = headers.get("webhook-id")
    if headers.get("content-type") != "application/fhir+json; fhirVersion=4.0":
        return "content type"
    if headers.get("idempotency-key") != ident or headers.get("x-request-id") != ident:
        return "ids"
    if json.loads(body)["id"] != ident or not headers.get("x-correlation-id"):
        return "ids"
    return None


def note_post(box, headers, body, answer):
    """Returns True where the message was stored now or before."""
    bundle = json.loads(body)
    ident = bundle["id"]
    said = what_it_says(bundle)
    alert = box.alerts.setdefault(ident, {
        "kind": bundle["entry"][0]["resource"]["eventCoding"]["code"], "tries": [], "bodies": [], "stored": False,
        "correlation": headers.get("x-correlation-id"), "text": body.decode(), "accepted": 0})
    digest = hashlib.sha256(body).hexdigest()
    if digest not in alert["bodies"]:
        alert["bodies"].append(digest)
    alert["tries"].append({"at": time.time(), "answer": answer})
    what = answer.split(":")[0]
    # Who answers 409 says that it has it already.
    stores = what not in STORES_NOTHING and (not what.isdigit() or int(what) < 300 or what == "409")
    if stores:
        alert["stored"] = True
        if ident not in box.effects.setdefault(said, []):
            box.effects[said].append(ident)
        for one in alerts_in(bundle, alert["kind"]):
            box.told.setdefault(one, set()).add(ident)
    return stores


def book_of(box):
    return {"posts": box.posts, "polls": box.polls, "refused": box.refused, "alerts": box.alerts,
            "effects": list(box.effects.values()), "most_at_once": box.most_at_once,
            "told": len(box.told),
            "twice": sum(len(ids) - 1 for ids in [*box.effects.values(), *box.told.values()]),
            "changed": sum(len(a["bodies"]) - 1 for a in box.alerts.values()),
            "stored": sum(a["stored"] for a in box.alerts.values())}


# ---- answers


def task_of(ident, status, by="J. Moss", note="Seen, will telephone the patient."):
    task = {"resourceType": "Task", "identifier": [{"system": "urn:instalmentd:alert", "value": ident}], "status": status,
            "intent": "order"}
    if status in ("accepted", "in-progress", "completed", "rejected"):
        task.update(owner={"display": by}, note=[{"text": note}])
    return task


def header_of(ident, code):
    return {"resourceType": "MessageHeader", "eventCoding": {"system": "urn:test", "code": "answer"},
            "source": {"endpoint": "https://127.0.0.1/"}, "response": {"identifier": ident, "code": code}}


def bundle_of(kind, *resources):
    return json.dumps({"resourceType": "Bundle", "type": kind, "entry": [{"resource": r} for r in resources]}).encode()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 60

    def log_message(self, *arguments):
        pass

    def box(self):
        name = urlsplit(self.path).path.split("/")[1]
        return name, box_named(name)

    def answer(self, status, body=b"", headers=(), kind="application/fhir+json"):
        self.send_response(status)
        if body:
            self.send_header("Content-Type", kind)
        for name, value in headers:
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def do_POST(self):
        name, box = self.box()
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        headers = {key.lower(): value for key, value in self.headers.items()}
        with lock:
            box.at_once += 1
            box.most_at_once = max(box.most_at_once, box.at_once)
            fault = signature_fault(box, headers, body) or header_fault(headers, body)
            if not urlsplit(self.path).path.endswith("/$process-message"):
                fault = "path"
            if fault:
                box.refused.append(fault)
                box.posts += 1
                answer = "401"
            else:
                answer = box.script.pop(0) if box.script else box.then
                note_post(box, headers, body, answer)
                box.posts += 1
            lock.notify_all()
        try:
            self.close_connection = True
            self.give(name, box, answer, headers.get("webhook-id", ""))
        finally:
            with lock:
                box.at_once -= 1
                lock.notify_all()

    def give(self, name, box, answer, ident):
        what, _, number = answer.partition(":")
        simple = {
            "ok": lambda: self.answer(200, bundle_of("message", header_of(ident, "ok"))),
            "transient": lambda: self.answer(200, bundle_of("message", header_of(ident, "transient-error"))),
            "fatal": lambda: self.answer(200, bundle_of("message", header_of(ident, "fatal-error"))),
            "ack": lambda: self.answer(200, json.dumps(task_of(ident, "accepted")).encode()),
            "ack-twice": lambda: self.answer(200, bundle_of("message", header_of(ident, "ok"), task_of(ident, "accepted"),
                                                            task_of(ident, "accepted"))),
            "reject": lambda: self.answer(200, json.dumps(task_of(ident, "rejected", note="Not our client.")).encode()),
            "forget": lambda: self.answer(200, bundle_of("message", header_of(ident, "ok"))),
            "html": lambda: self.answer(200, b"<html>thank you</html>", kind="text/html"),
            "broken": lambda: self.answer(200, b'{"resourceType":"Bundle","entry":['),
            "location": lambda: self.answer(202, headers=[("Location", f"/{name}/status/{ident}")]),
            "redirect": lambda: self.answer(307, headers=[("Location", "/elsewhere/$process-message")]),
            "close": lambda: None,
        }
        if what in simple:
            simple[what]()
        elif what == "hang":
            closing.wait(30)
        elif what == "hold":
            with lock:
                before = box.released
                lock.wait_for(lambda: box.released > before or closing.is_set(), 30)
            self.answer(200, bundle_of("message", header_of(ident, "ok")))
        elif what in ("cut", "cut-head", "drip"):
            self.give_badly(what, bundle_of("message", header_of(ident, "ok")))
        else:
            self.answer(int(what), headers=[("Retry-After", number)] if number else [])

    def give_badly(self, what, body):
        head = (f"HTTP/1.1 200 OK\r\nContent-Type: application/fhir+json\r\nContent-Length: {len(body)}\r\n\r\n").encode()
        if what == "cut-head":
            self.wfile.write(head[:30])
        elif what == "cut":
            self.wfile.write(head + body[:len(body) // 2])
        else:
            for byte in head + body:
                self.wfile.write(bytes([byte]))
                self.wfile.flush()
                if closing.wait(1):
                    return
        self.wfile.flush()
        # The TLS session ends in good order, so that only the counting of bytes tells that something is missing.
        try:
            self.connection.settimeout(1)
            self.connection.unwrap()
        except OSError:
            pass

    def do_GET(self):
        _, box = self.box()
        parts = urlsplit(self.path)
        if "/status/" in parts.path:
            ident = parts.path.rsplit("/", 1)[1]
        else:
            asked = parse_qs(parts.query).get("identifier", [""])[0]
            ident = unquote(asked).removeprefix("urn:instalmentd:alert|")
        with lock:
            box.polls += 1
            known = box.alerts.get(ident, {}).get("stored", False)
            task = box.task
            lock.notify_all()
        if not known or task == "none":
            self.answer(200, bundle_of("searchset"))
        elif task == "twice":
            self.answer(200, bundle_of("searchset", task_of(ident, "accepted"), task_of(ident, "completed", by="A. Reed")))
        elif task.isdigit():
            self.answer(int(task))
        else:
            self.answer(200, bundle_of("searchset", task_of(ident, task)))


class Server(ThreadingMixIn, TCPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, context):
        self.context = context
        super().__init__(("127.0.0.1", 0), Handler)

    def finish_request(self, request, client_address):
        if self.context is None:
            closing.wait(60)
            return
        request.settimeout(30)
        try:
            with self.context.wrap_socket(request, server_side=True) as wrapped:
                wrapped.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                Handler(wrapped, client_address, self)
        except (OSError, ValueError):
            pass  # the other side went away, or would not have our certificate

    def handle_error(self, request, client_address):
        print("receiver:", sys.exc_info()[1], file=sys.stderr)


def show_certificate(folder, listener, name):
    contexts[listener].load_cert_chain(os.path.join(folder, f"{name}.pem"), os.path.join(folder, f"{name}.key"))
    return {"ok": True}


def serve(folder, listener):
    context = None
    if listener != "silent":
        context = contexts[listener] = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.options |= ssl.OP_NO_TICKET  # each connection sees the certificate
        show_certificate(folder, listener, "good")
        if listener == "mutual":
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(os.path.join(folder, "good-ca.pem"))
    server = Server(context)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    return server.server_address[1]


# ---- commands


def command(folder, asked):
    if "certificate" in asked:
        return show_certificate(folder, asked["listener"], asked["certificate"])
    if "set" in asked:
        box = box_named(asked["set"])
        with lock:
            for name in ("secret", "script", "then", "task", "skew"):
                if name in asked:
                    setattr(box, name, asked[name])
        return {"ok": True}
    if "release" in asked:
        box = box_named(asked["release"])
        with lock:
            box.released += 1
            lock.notify_all()
        return {"ok": True}
    if "wait" in asked:
        box = box_named(asked["wait"])
        enough = lambda: (box.posts >= asked.get("posts", 0) and len(box.told) >= asked.get("told", 0)
                          and box.polls >= asked.get("polls", 0) and box.at_once <= asked.get("at_once", 1 << 30))
        with lock:
            return {"ok": lock.wait_for(enough, asked.get("seconds", 10))}
    with lock:
        return json.loads(json.dumps(book_of(boxes.setdefault(asked["book"], Box()))))


def main():
    folder = sys.argv[1]
    make_certificates(folder)
    ports = {name: serve(folder, name) for name in ("good", "spare", "mutual", "silent")}
    print(json.dumps(ports), flush=True)
    for line in sys.stdin:
        print(json.dumps(command(folder, json.loads(line))), flush=True)
    closing.set()


if __name__ == "__main__":
    main()
