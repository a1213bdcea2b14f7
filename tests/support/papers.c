#include "papers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "embed/embed.h"

EMBED_DECLARE(config_catalogue_conf);

/* Without cmocka: measurements use it too. */
static void need(bool there, const char *what) {
    if (!there) {
        fprintf(stderr, "papers: %s\n", what);
        abort();
    }
}

#define METHADONE "methadone-1mg-ml-sf"
#define CHRISTMAS (PAPERS_DAY + 234) /* Fri 25 Dec 2026 */

const struct product *papers_product(const char *code) {
    static struct catalogue *catalogue;
    struct catalogue_error error;
    if (catalogue == NULL) {
        catalogue = catalogue_parse(embed_config_catalogue_conf, embed_config_catalogue_conf_size, &error);
        need(catalogue != NULL, "the catalogue cannot be read");
    }
    const struct product *product = catalogue_find(catalogue, code, strlen(code));
    need(product != NULL, code);
    return product;
}

struct render_pharmacy papers_pharmacy(void) {
    return (struct render_pharmacy){"Larkspur Pharmacy", "12 Market Street, Leeds LS1 4AB", "0113 496 0000"};
}

struct renderer *papers_renderer(void) {
    const char *missing;
    struct renderer *renderer = renderer_new(&missing);
    need(renderer != NULL, missing != NULL ? missing : "memory");
    return renderer;
}

struct render_label papers_label(const char *product, quantity_t dose, size_t count) {
    static struct render_dose doses[14];
    need(count >= 1 && count <= 14, "days of a label");
    for (size_t i = 0; i < count; i++) {
        doses[i] = (struct render_dose){PAPERS_DAY + (day_t)i, dose};
    }
    return (struct render_label){
        .patient = "Rowan Ashdown",
        .pharmacy = papers_pharmacy(),
        .product = papers_product(product),
        .dispensed_on = PAPERS_DAY,
        .quantity = dose * (quantity_t)count,
        .doses = doses,
        .dose_count = count,
        .code = PAPERS_CODE,
    };
}

struct render_bag_label papers_bag_label(void) {
    return (struct render_bag_label){
        .patient = "Rowan Ashdown",
        .address = "Flat 3, 27 Harehills Lane\nLeeds\nLS8 5HS",
        .collect_on = PAPERS_DAY,
        .bag = 1,
        .bag_count = 1,
        .code = PAPERS_CODE,
    };
}

struct render_calendar papers_calendar(void) {
    static const struct render_dose home[] = {
        {CHRISTMAS, 60000}, {CHRISTMAS + 1, 60000}, {CHRISTMAS + 2, 55000}, {CHRISTMAS + 3, 55000}};
    static const struct render_dose tablets[] = {{CHRISTMAS - 4, 2000}};
    static struct render_visit_item items[6];
    static struct render_visit visits[5];
    static const struct render_closed_day closed[] = {{CHRISTMAS, "Christmas Day"},
                                                      {CHRISTMAS + 3, "Boxing Day (substitute day)"},
                                                      {CHRISTMAS + 7, "New Year's Day"}};
    const struct product *methadone = papers_product(METHADONE);
    for (size_t i = 0; i < 5; i++) {
        items[i] = (struct render_visit_item){methadone, i < 4 ? 60000 : 55000, i == 3 ? home : NULL,
                                              i == 3 ? 4 : 0};
        visits[i] = (struct render_visit){CHRISTMAS - 4 + (day_t)(i < 4 ? i : 8), &items[i], 1};
    }
    /* The first day's second product: its item stands behind the others, so the first two are copied. */
    static struct render_visit_item first[2];
    first[0] = items[0];
    first[1] = (struct render_visit_item){papers_product("diazepam-5mg"), 0, tablets, 1};
    visits[0] = (struct render_visit){CHRISTMAS - 4, first, 2};
    return (struct render_calendar){"Rowan Ashdown",
                                    papers_pharmacy(),
                                    visits,
                                    5,
                                    closed,
                                    3,
                                    "Mon to Fri 9:00 to 18:00\nSat 9:00 to 13:00",
                                    "Sun 20 Dec 2026, 12:05"};
}

struct render_downtime papers_downtime(size_t count) {
    static struct render_downtime_row rows[40];
    static const char *const names[] = {"Rowan Ashdown", "Wilhelmina Featherstonehaugh-Cholmondeley",
                                        "محمد عبد الرحمن", "Jan Kowalczyk"};
    static const char *const products[] = {METHADONE, "buprenorphine-8mg-sl", "diazepam-5mg"};
    need(count <= 40, "lines of a downtime sheet");
    for (size_t i = 0; i < count; i++) {
        bool home = i % 3 == 2 || i % 4 == 3;
        rows[i] = (struct render_downtime_row){
            .patient = names[i % 4],
            .born = 4119 + (day_t)i * 100,
            .product = papers_product(products[i % 3]),
            .supervised = i % 3 == 0   ? 60000 + (quantity_t)i * 500
                          : i % 3 == 1 ? 2000
                                       : 0,
            .take_home = !home        ? 0
                         : i % 3 == 0 ? 120000
                                      : 14000,
            .take_home_last = home ? PAPERS_DAY + 7 : DAY_NONE,
            .note = i % 5 == 0   ? "ON HOLD: ask the prescriber"
                    : i % 6 == 1 ? "first dose"
                                 : "",
            .hold = i % 5 == 0,
        };
    }
    return (struct render_downtime){papers_pharmacy(),        PAPERS_DAY, "D-2026-0117",
                                    "Mon 04 May 2026, 18:05", rows,       count};
}

struct render_letter papers_letter(void) {
    static struct render_last_dose doses[2];
    doses[0] = (struct render_last_dose){
        papers_product(METHADONE), PAPERS_DAY - 1, "09:42", 60000, PAPERS_DAY, PAPERS_DAY + 2, 180000};
    doses[1] = (struct render_last_dose){
        papers_product("diazepam-5mg"), DAY_NONE, "", 0, PAPERS_DAY, PAPERS_DAY, 2000};
    return (struct render_letter){
        .pharmacy = papers_pharmacy(),
        .to = "Leeds General Infirmary\nWard 14\nGreat George Street, Leeds LS1 3EX",
        .patient = "Rowan Ashdown",
        .born = 4119,
        .nhs_number = "999 000 1234",
        .doses = doses,
        .dose_count = 2,
        .next_due = PAPERS_DAY + 3,
        .service = "Northern Lights Recovery Service",
        .service_telephone = "0113 496 0123",
        .written_by = "Aisha Khan",
        .written_on = PAPERS_DAY,
        .as_of = "Tue 05 May 2026, 10:15",
    };
}
