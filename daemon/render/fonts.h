/*
 * The fonts that everything is set in, by the names of their files: what is installed besides, and how the machine's
 * fontconfig is set up, changes nothing on paper.
 */
#ifndef INSTALMENT_RENDER_FONTS_H
#define INSTALMENT_RENDER_FONTS_H

#include <pango/pangocairo.h>

/* The faces, as lists of families: the first is for Latin, the rest for what it has not got. */
enum face { FACE_NARROW, FACE_WIDE, FACE_COUNT };

/*
 * A font map with exactly these fonts, to be freed with g_object_unref; NULL where one is missing (*missing is its path, constant)
 * or memory is short (*missing is NULL).
 */
PangoFontMap *fonts_map_new(const char **missing);

/* "Roboto Condensed,Noto Sans,...": constant. */
const char *fonts_families(enum face face);

#endif
