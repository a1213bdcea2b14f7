#include "card_table.h"

#include "embed/embed.h"

EMBED_DECLARE(config_cards_buprenorphine_cy_card);
EMBED_DECLARE(config_cards_buprenorphine_en_card);
EMBED_DECLARE(config_cards_buprenorphine_en_easy_card);
EMBED_DECLARE(config_cards_buprenorphine_pl_card);
EMBED_DECLARE(config_cards_codeine_en_card);
EMBED_DECLARE(config_cards_codeine_en_easy_card);
EMBED_DECLARE(config_cards_diazepam_en_card);
EMBED_DECLARE(config_cards_diazepam_en_easy_card);
EMBED_DECLARE(config_cards_espranor_en_card);
EMBED_DECLARE(config_cards_espranor_en_easy_card);
EMBED_DECLARE(config_cards_methadone_cy_card);
EMBED_DECLARE(config_cards_methadone_en_card);
EMBED_DECLARE(config_cards_methadone_en_easy_card);
EMBED_DECLARE(config_cards_methadone_pl_card);
EMBED_DECLARE(config_cards_opioid_with_diazepam_en_card);
EMBED_DECLARE(config_cards_opioid_with_diazepam_en_easy_card);

#define CARD(name, path) \
    { "config/cards/" path ".card", embed_##name, &embed_##name##_size }

static const struct {
    const char *file;
    const char *text;
    const size_t *len;
} table[] = {
    CARD(config_cards_buprenorphine_cy_card, "buprenorphine.cy"),
    CARD(config_cards_buprenorphine_en_card, "buprenorphine.en"),
    CARD(config_cards_buprenorphine_en_easy_card, "buprenorphine.en.easy"),
    CARD(config_cards_buprenorphine_pl_card, "buprenorphine.pl"),
    CARD(config_cards_codeine_en_card, "codeine.en"),
    CARD(config_cards_codeine_en_easy_card, "codeine.en.easy"),
    CARD(config_cards_diazepam_en_card, "diazepam.en"),
    CARD(config_cards_diazepam_en_easy_card, "diazepam.en.easy"),
    CARD(config_cards_espranor_en_card, "espranor.en"),
    CARD(config_cards_espranor_en_easy_card, "espranor.en.easy"),
    CARD(config_cards_methadone_cy_card, "methadone.cy"),
    CARD(config_cards_methadone_en_card, "methadone.en"),
    CARD(config_cards_methadone_en_easy_card, "methadone.en.easy"),
    CARD(config_cards_methadone_pl_card, "methadone.pl"),
    CARD(config_cards_opioid_with_diazepam_en_card, "opioid-with-diazepam.en"),
    CARD(config_cards_opioid_with_diazepam_en_easy_card, "opioid-with-diazepam.en.easy"),
};
enum { COUNT = sizeof table / sizeof table[0] };
_Static_assert(COUNT <= CARD_TABLE_MAX, "a longer list than its callers have room for");

size_t card_table(struct card_source sources[CARD_TABLE_MAX]) {
    for (size_t i = 0; i < COUNT; i++) {
        sources[i] = (struct card_source){table[i].file, table[i].text, *table[i].len};
    }
    return COUNT;
}
