/*
 * One file as read-only data: see embed.h. The Makefile names EMBED_FILE, a string, and EMBED_NAME, an
 * identifier. A NUL that the size does not count follows the bytes.
 */
#include <cet.h>

#define EMBED_PASTE(a, b, c) a##b##c
#define EMBED_SYMBOL(name, end) EMBED_PASTE(embed_, name, end)
#define EMBED_BYTES EMBED_SYMBOL(EMBED_NAME, )
#define EMBED_SIZE EMBED_SYMBOL(EMBED_NAME, _size)

    .section .rodata.embed, "a", %progbits
    .global EMBED_BYTES
    .type EMBED_BYTES, %object
    .balign 16
EMBED_BYTES:
    .incbin EMBED_FILE
1:
    .byte 0
    .size EMBED_BYTES, . - EMBED_BYTES

    .global EMBED_SIZE
    .type EMBED_SIZE, %object
    .balign 8
EMBED_SIZE:
    .quad 1b - EMBED_BYTES
    .size EMBED_SIZE, 8

    .section .note.GNU-stack, "", %progbits
