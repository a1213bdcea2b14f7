/* The page's files, as they are. */
#include <string.h>

#include "call.h"
#include "embed/embed.h"

EMBED_DECLARE(client_inbox_page_index_html);
EMBED_DECLARE(client_inbox_page_inbox_css);
EMBED_DECLARE(client_inbox_page_inbox_js);
EMBED_DECLARE(client_inbox_page_words_js);
EMBED_DECLARE(client_inbox_page_icon_svg);

static const struct {
    const char *path, *type, *bytes;
    const size_t *len;
} files[] = {
    {"/", "text/html; charset=utf-8", embed_client_inbox_page_index_html,
     &embed_client_inbox_page_index_html_size},
    {"/inbox.css", "text/css; charset=utf-8", embed_client_inbox_page_inbox_css,
     &embed_client_inbox_page_inbox_css_size},
    {"/inbox.js", "text/javascript; charset=utf-8", embed_client_inbox_page_inbox_js,
     &embed_client_inbox_page_inbox_js_size},
    {"/words.js", "text/javascript; charset=utf-8", embed_client_inbox_page_words_js,
     &embed_client_inbox_page_words_js_size},
    {"/icon.svg", "image/svg+xml", embed_client_inbox_page_icon_svg, &embed_client_inbox_page_icon_svg_size},
};

bool page_file(struct call *call) {
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        if (strcmp(files[i].path, call->path) == 0) {
            call_answer_bytes(call, 200, files[i].type, files[i].bytes, *files[i].len);
            return true;
        }
    }
    return false;
}
