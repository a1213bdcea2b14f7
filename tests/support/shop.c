#include "shop.h"

#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define ANSWER_SECONDS 30

struct shop_text shop_say(const char *format, ...) {
    struct shop_text text;
    va_list arguments;
    va_start(arguments, format);
    int len = vsnprintf(text.bytes, sizeof text.bytes, format, arguments);
    va_end(arguments);
    assert_true(len >= 0 && (size_t)len < sizeof text.bytes);
    return text;
}

/* ---- the daemon and its people */

void shop_sign_in(struct shop *shop) {
    shop->pharmacist = api_sign_in(shop->api, "a.khan");
    shop->second = api_sign_in(shop->api, "d.osei");
    shop->technician = api_sign_in(shop->api, "p.nowak");
    shop->counter = api_sign_in(shop->api, "c.evans");
    shop->manager = api_sign_in(shop->api, "m.hughes");
    shop->inspector = api_sign_in(shop->api, "i.grant");
}

void shop_open(struct shop *shop, const char *const *arguments) {
    memset(shop, 0, sizeof *shop);
    shop->api = api_start(arguments);
    shop_sign_in(shop);
    shop_make(shop, &shop->manager, "/services",
              "{\"name\":\"Testham Service\",\"kind\":\"drug_service\",\"telephone\":\"01632 960001\"}",
              shop->service);
}

void shop_close(struct shop *shop) {
    api_stop(&shop->api);
}

/* ---- requests */

struct api_answer shop_post(struct shop *shop, const struct api_person *who, const char *path,
                            const char *body) {
    static int number;
    return api_post_twice(shop->api, who, path, body,
                          shop_say("shop-%lx-%d", (unsigned long)time(NULL), ++number).bytes);
}

void shop_make(struct shop *shop, const struct api_person *who, const char *path, const char *body,
               char id[SHOP_ID]) {
    struct api_answer answer = shop_post(shop, who, path, body);
    if (answer.status != 200 && answer.status != 201) {
        api_fail(shop->api, "POST %s %s: %d %s", path, body, answer.status, answer.text);
    }
    if (id != NULL) {
        snprintf(id, SHOP_ID, "%s", api_text(shop->api, &answer, "id"));
    }
    api_done(&answer);
}

void shop_refused(struct shop *shop, const struct api_person *who, const char *path, const char *body,
                  int status, const char *code) {
    struct api_answer answer = shop_post(shop, who, path, body);
    api_expect_problem(shop->api, &answer, status, code);
    api_done(&answer);
}

struct api_answer shop_get(struct shop *shop, const struct api_person *who, const char *path) {
    struct api_answer answer = api_get(shop->api, who, path);
    if (answer.status != 200) {
        api_fail(shop->api, "GET %s: %d %s", path, answer.status, answer.text);
    }
    return answer;
}

void shop_clock(struct shop *shop, const char *body) {
    struct api_answer answer = api_post(shop->api, &shop->counter, "/demo/clock", body, NULL);
    if (answer.status != 200) {
        api_fail(shop->api, "POST /demo/clock %s: %d %s", body, answer.status, answer.text);
    }
    api_done(&answer);
}

void shop_clock_to(struct shop *shop, const char *now) {
    shop_clock(shop, shop_say("{\"now\":\"%s\"}", now).bytes);
}

const cJSON *shop_member(const cJSON *object, const char *name) {
    return cJSON_GetObjectItemCaseSensitive(object, name);
}

const char *shop_string(const cJSON *object, const char *name) {
    const char *text = cJSON_GetStringValue(shop_member(object, name));
    return text == NULL ? "" : text;
}

bool shop_has(const cJSON *array, const char *name, const char *text) {
    const cJSON *one = NULL;
    cJSON_ArrayForEach(one, array) {
        if (strcmp(shop_string(one, name), text) == 0) {
            return true;
        }
    }
    return false;
}

bool shop_names_field(const struct api_answer *answer, const char *field) {
    return shop_has(shop_member(answer->body, "fields"), "field", field);
}

/* ---- prescriptions */

static const char *or_else(const char *text, const char *otherwise) {
    return text == NULL ? otherwise : text;
}

static const char *const six_days = "{\"weekdays\":[\"mon\",\"tue\",\"wed\",\"thu\",\"fri\",\"sat\"]}";

/* The members that a second keying has too. */
static struct shop_text keyed(const struct shop_wish *wish) {
    const char *start = or_else(wish->start_on, "2026-11-23");
    struct shop_text doses = shop_say("[{\"from\":\"%s\",\"days\":14,\"dose\":\"60\"}]", start);
    return shop_say("\"items\":[{\"product\":\"%s\",\"doses\":%s,\"total\":\"%s\",\"total_in_words\":true,"
                    "\"total_in_figures\":true}],\"collect\":%s,\"wording\":%s",
                    or_else(wish->product, "methadone-1mg-ml-sf"), or_else(wish->doses, doses.bytes),
                    or_else(wish->total, "840"), or_else(wish->collect, six_days),
                    or_else(wish->wording, "[\"W1\",\"W2\",\"W3\"]"));
}

struct shop_text shop_prescription(const struct shop *shop, const struct shop_wish *wish,
                                   const char *patient) {
    return shop_say("{\"patient\":\"%s\",\"service\":\"%s\",\"form\":\"%s\",\"serial\":\"77120\","
                    "\"signed_on\":\"%s\",\"start_on\":\"%s\",\"prescriber\":{\"name\":\"Dr Ida Vale\","
                    "\"number\":\"123456\",\"address\":\"1 Weir Street\"},\"stage\":\"%s\","
                    "\"wording_text\":\"as written\",%s,\"supervised\":%s%s}",
                    patient, shop->service, or_else(wish->form, "FP10MDA"),
                    or_else(wish->signed_on, "2026-11-20"), or_else(wish->start_on, "2026-11-23"),
                    or_else(wish->stage, "stable"), keyed(wish).bytes,
                    or_else(wish->supervised, "\"collection_days\""), or_else(wish->more, ""));
}

struct shop_case shop_enter(struct shop *shop, const struct shop_wish *wish) {
    struct shop_case made;
    memset(&made, 0, sizeof made);
    if (wish->patient == NULL) {
        shop_make(
            shop, &shop->counter, "/patients",
            shop_say("{\"name\":\"%s\",\"born_on\":\"1979-04-02\",\"address\":\"1 Tallow Row\"}", wish->name)
                .bytes,
            made.patient);
    } else {
        snprintf(made.patient, sizeof made.patient, "%s", wish->patient);
    }
    shop_make(shop, &shop->technician, "/prescriptions", shop_prescription(shop, wish, made.patient).bytes,
              made.rx);
    if (!wish->once) {
        shop_make(shop, &shop->pharmacist, shop_say("/prescriptions/%s/check", made.rx).bytes,
                  shop_say("{\"staff\":\"a.khan\",\"pin\":\"%s\",%s}", api_pin(shop->api, "a.khan"),
                           keyed(wish).bytes)
                      .bytes,
                  NULL);
    }
    return made;
}

/* ---- supplies */

struct shop_text shop_supply_body(const struct shop *shop, const struct shop_supply *supply) {
    const char *by = or_else(supply->confirmed_by, "a.khan");
    const char *seen_by = or_else(supply->supervised_by, "a.khan");
    struct shop_text seen = shop_say(seen_by[0] == '\0' ? "%s" : "\"supervised_by\":\"%s\",", seen_by);
    return shop_say("{\"prescription\":\"%s\",\"on\":\"%s\",\"advance\":false,\"collector\":%s,"
                    "\"expect\":{\"items\":[{\"product\":\"%s\",\"quantity\":\"%s\",\"unit\":\"ml\","
                    "\"supervised\":\"%s\",\"take_home\":\"%s\"}]},%s\"confirm\":%s,\"confirmed_by\":\"%s\","
                    "\"pin\":\"%s\"%s}",
                    supply->rx, supply->on,
                    or_else(supply->collector, "{\"role\":\"patient\",\"identity_requested\":true,"
                                               "\"identity_provided\":true}"),
                    or_else(supply->product, "methadone-1mg-ml-sf"), or_else(supply->quantity, "60"),
                    or_else(supply->supervised, "60"), or_else(supply->take_home, "0"), seen.bytes,
                    or_else(supply->confirm, "[\"first_dose\",\"dose_warning\",\"dose_changed\","
                                             "\"not_double_checked\",\"missed_recent\"]"),
                    by, supply->pin != NULL ? supply->pin : api_pin(shop->api, by),
                    or_else(supply->more, ""));
}

struct api_answer shop_decision(struct shop *shop, const char *rx, const char *on) {
    return shop_get(shop, &shop->pharmacist, shop_say("/prescriptions/%s/decision?on=%s", rx, on).bytes);
}

bool shop_decides(struct shop *shop, const char *rx, const char *on, const char *code) {
    struct api_answer answer = shop_decision(shop, rx, on);
    bool found = shop_has(shop_member(answer.body, "reasons"), "code", code);
    api_done(&answer);
    return found;
}

void shop_supply(struct shop *shop, const struct shop_supply *supply, char id[SHOP_ID]) {
    shop_make(shop, &shop->pharmacist, "/supplies", shop_supply_body(shop, supply).bytes, id);
}

struct shop_text shop_status(struct shop *shop, const char *rx, const char *date) {
    struct shop_text status = {.bytes = ""};
    struct api_answer answer = shop_get(shop, &shop->counter, shop_say("/day?date=%s", date).bytes);
    const cJSON *one = NULL;
    cJSON_ArrayForEach(one, shop_member(answer.body, "due")) {
        if (strcmp(shop_string(one, "prescription"), rx) == 0) {
            status = shop_say("%s", shop_string(one, "status"));
        }
    }
    api_done(&answer);
    return status;
}

long shop_count(const struct shop *shop, const char *sql) {
    sqlite3 *db = NULL;
    sqlite3_stmt *statement = NULL;
    struct shop_text path = shop_say("%s/instalment.db", shop->api->data);
    if (sqlite3_open_v2(path.bytes, &db, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK ||
        sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK ||
        sqlite3_step(statement) != SQLITE_ROW) {
        api_fail(shop->api, "%s: %s", sql, sqlite3_errmsg(db));
    }
    long count = (long)sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return count;
}

/* ---- clients of their own */

char *shop_request(const struct api *api, const char *token, const char *path, const char *body,
                   const char *key, bool close, size_t *len) {
    char *text = NULL;
    FILE *out = open_memstream(&text, len);
    if (out == NULL) {
        return NULL;
    }
    fprintf(out,
            "POST /api/v1%s HTTP/1.1\r\nHost: localhost\r\nX-Terminal: %s\r\nAuthorization: Bearer %s\r\n"
            "Content-Type: application/json\r\nContent-Length: %zu\r\n",
            path, api->terminal, token, strlen(body));
    if (key != NULL) {
        fprintf(out, "Idempotency-Key: %s\r\n", key);
    }
    fprintf(out, "%s\r\n%s", close ? "Connection: close\r\n" : "", body);
    fclose(out);
    return text;
}

bool shop_client_open(struct shop_client *client, struct api *api, const struct api_person *who,
                      const char *from) {
    client->api = api;
    client->connection = api_connect(api, from);
    snprintf(client->token, sizeof client->token, "%s", who->token);
    return client->connection.fd >= 0;
}

int shop_client_post(struct shop_client *client, const char *path, const char *body, const char *key,
                     struct api_answer *answer) {
    size_t len = 0;
    char *text = shop_request(client->api, client->token, path, body, key, false, &len);
    struct api_answer got = {.status = 0};
    if (text != NULL && api_send(&client->connection, text, len)) {
        got = api_receive(&client->connection, ANSWER_SECONDS);
    }
    free(text);
    int status = got.status;
    if (answer != NULL) {
        *answer = got;
    } else {
        api_done(&got);
    }
    return status;
}

void shop_client_close(struct shop_client *client) {
    api_close(&client->connection);
}
