#include "verdict.h"

const char *send_result_text(enum send_result result) {
    static const char *const texts[] = {"accepted", "unconfirmed", "retry", "refused", "gone"};
    return texts[result];
}

static void say(struct send_verdict *out, enum send_result result, const char *error) {
    out->result = result;
    out->error = error;
}

/* 200, 201, 202, 204: what is said in the body counts. */
static void verdict_of_body(const char *id, const char *body, size_t len, struct send_verdict *out) {
    switch (alert_fhir_read_answer(id, body, len, &out->answer)) {
    case ALERT_BODY_OTHER: say(out, SEND_ACCEPTED, NULL); return;
    case ALERT_BODY_BROKEN: say(out, SEND_RETRY, "answer"); return;
    case ALERT_BODY_READ: break;
    }
    switch (out->answer.response) {
    case ALERT_RESPONSE_FATAL: say(out, SEND_REFUSED, "fatal"); return;
    case ALERT_RESPONSE_TRANSIENT: say(out, SEND_RETRY, "transient"); return;
    case ALERT_RESPONSE_NONE:
    case ALERT_RESPONSE_OK: break;
    }
    say(out, SEND_ACCEPTED, NULL);
}

static void verdict_of_status(long status, bool conflict_before, struct send_verdict *out) {
    if (status == 409) {
        out->conflict = !conflict_before;
        say(out, conflict_before ? SEND_UNCONFIRMED : SEND_RETRY, "conflict");
    } else if (status == 410) {
        say(out, SEND_GONE, "gone");
    } else if (status == 408 || status == 425 || status == 429 || status < 300 || status >= 500) {
        say(out, SEND_RETRY, "status");
    } else {
        say(out, SEND_REFUSED, status < 400 ? "redirect" : "status");
    }
}

void verdict_of(const char *id, enum transfer_end end, long status, const char *body, size_t len,
                bool conflict_before, struct send_verdict *out) {
    *out = (struct send_verdict){.result = SEND_RETRY};
    switch (end) {
    case TRANSFER_CONNECT: out->error = "connect"; return;
    case TRANSFER_TLS: out->error = "tls"; return;
    case TRANSFER_TIMEOUT: out->error = "timeout"; return;
    case TRANSFER_CUT: out->error = "cut"; return;
    case TRANSFER_CONFIGURATION: say(out, SEND_REFUSED, "configuration"); return;
    case TRANSFER_ANSWERED: break;
    }
    if (status == 200 || status == 201 || status == 202 || status == 204)
        verdict_of_body(id, body, len, out);
    else
        verdict_of_status(status, conflict_before, out);
}
