#include "fonts.h"

#include <fontconfig/fontconfig.h>
#include <pango/pangofc-fontmap.h>

#define NOTO "/usr/share/fonts/truetype/noto/Noto"
#define REGULAR_AND_BOLD(name) NOTO name "-Regular.ttf", NOTO name "-Bold.ttf"

/* From fonts-roboto-unhinted, fonts-noto-core and fonts-wqy-microhei (Chinese, Japanese, Korean): the Makefile's
 * BUILD_PACKAGES. What people in Britain write their names in. */
static const char *const files[] = {
    "/usr/share/fonts/truetype/roboto/unhinted/RobotoCondensed-Regular.ttf",
    "/usr/share/fonts/truetype/roboto/unhinted/RobotoCondensed-Bold.ttf",
    REGULAR_AND_BOLD("Sans"),
    REGULAR_AND_BOLD("SansAdlam"),
    REGULAR_AND_BOLD("SansArabic"),
    REGULAR_AND_BOLD("SansArmenian"),
    REGULAR_AND_BOLD("SansBengali"),
    REGULAR_AND_BOLD("SansCherokee"),
    REGULAR_AND_BOLD("SansDevanagari"),
    REGULAR_AND_BOLD("SansEthiopic"),
    REGULAR_AND_BOLD("SansGeorgian"),
    REGULAR_AND_BOLD("SansGujarati"),
    REGULAR_AND_BOLD("SansGurmukhi"),
    REGULAR_AND_BOLD("SansHebrew"),
    REGULAR_AND_BOLD("SansKannada"),
    REGULAR_AND_BOLD("SansKhmer"),
    REGULAR_AND_BOLD("SansLao"),
    REGULAR_AND_BOLD("SansMalayalam"),
    REGULAR_AND_BOLD("SansMyanmar"),
    NOTO "SansNKo-Regular.ttf",
    REGULAR_AND_BOLD("SansOriya"),
    REGULAR_AND_BOLD("SansSinhala"),
    NOTO "SansSyriac-Regular.ttf",
    REGULAR_AND_BOLD("SansTamil"),
    REGULAR_AND_BOLD("SansTelugu"),
    REGULAR_AND_BOLD("SansThaana"),
    REGULAR_AND_BOLD("SansThai"),
    NOTO "SansTifinagh-Regular.ttf",
    REGULAR_AND_BOLD("SerifTibetan"),
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
};

#define BEHIND                                                                                            \
    "Noto Sans Adlam,Noto Sans Arabic,Noto Sans Armenian,Noto Sans Bengali,Noto Sans Cherokee,Noto Sans " \
    "Devanagari,Noto Sans Ethiopic,Noto Sans Georgian,Noto Sans Gujarati,Noto Sans Gurmukhi,Noto Sans "   \
    "Hebrew,Noto Sans Kannada,Noto Sans Khmer,Noto Sans Lao,Noto Sans Malayalam,Noto Sans Myanmar,Noto "  \
    "Sans NKo,Noto Sans Oriya,Noto Sans Sinhala,Noto Sans Syriac,Noto Sans Tamil,Noto Sans Telugu,Noto "  \
    "Sans Thaana,Noto Sans Thai,Noto Sans Tifinagh,Noto Serif Tibetan,WenQuanYi Micro Hei"

static FcConfig *config_new(const char **missing) {
    FcConfig *config = FcConfigCreate();
    if (config == NULL) {
        return NULL;
    }
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        if (!FcConfigAppFontAddFile(config, (const FcChar8 *)files[i])) {
            *missing = files[i];
            FcConfigDestroy(config);
            return NULL;
        }
    }
    return config;
}

PangoFontMap *fonts_map_new(const char **missing) {
    *missing = NULL;
    FcConfig *config = config_new(missing);
    if (config == NULL) {
        return NULL;
    }
    PangoFontMap *map = pango_cairo_font_map_new_for_font_type(CAIRO_FONT_TYPE_FT);
    if (map != NULL) {
        pango_fc_font_map_set_config(PANGO_FC_FONT_MAP(map), config);
        pango_cairo_font_map_set_resolution(PANGO_CAIRO_FONT_MAP(map), 72);
    }
    FcConfigDestroy(config);
    return map;
}

const char *fonts_families(enum face face) {
    static const char *const families[FACE_COUNT] = {
        [FACE_NARROW] = "Roboto Condensed,Noto Sans," BEHIND,
        [FACE_WIDE] = "Noto Sans," BEHIND,
    };
    return families[face];
}
