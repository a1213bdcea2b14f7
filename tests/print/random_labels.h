/*
 * Ten thousand made-up names and doses, in every script that the fonts have: nothing is cut, nothing overlaps, nothing comes
 * nearer to an edge than 1.5 mm. Asked of what Pango says of each line drawn; of some, the words and the code are
 * read back out of the PDF. Two programs include this, each with two processes: a quarter of the cases each. They say first
 * which two: #define FIRST_QUARTER 0 or 2.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "../support/papers.h"
#include "../support/pdf.h"

/* The sanitizers take ten times as long. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define COUNT 1000
#else
#define COUNT 10000
#endif
#define QUARTERS 4
/* Of each quarter, every so many are read back. */
#define SAMPLE 190
#define MARGIN 1500
#define NAME_MAX_BYTES 1200
#define PDF_MAX (4U << 20)
/* A name of so many letters (with their signs) always fits, whatever its script. */
#define ALWAYS_FITS 20

/* Letters with a blank between; a sign that goes on top of a letter stands behind it. */
static const char *const scripts[] = {
    "A B C D E F G H I J K L M N O P Q R S T U V W X Y Z a b c d e f g h i j k l m n o p q r s t u v w x y z "
    "' -",
    "Á É Í Ó Ú ä ö ü ß ñ ç ø å ł Ł ż Ż ą ę ś ć ž Č ő ű ğ İ ı ș ț Ŵ ŵ Ŷ ŷ ạ ễ ộ ữ",
    "a\u0301 e\u0300\u0323 o\u0302\u0301 n\u0303 u\u0308\u030A K\u0323 i\u0307\u0328 y\u0304",
    "А Б В Г Д Е Ж З И К Л М Н О П Р С Т У Ф Х Ц Ч Ш Щ Э Ю Я а б в г д ж з и й к л ї є ґ",
    "Α Β Γ Δ Ε Ζ Η Θ Ι Κ Λ α β γ δ ε ζ η θ ά έ ή ί ό ύ ώ",
    "ا ب ت ث ج ح خ د ذ ر ز س ش ص ض ط ظ ع غ ف ق ك ل م ن ه و ي پ چ ژ گ ٹ ڈ ڑ ں ے مُ حَ",
    "א ב ג ד ה ו ז ח ט י כ ל מ נ ס ע פ צ ק ר ש ת בּ",
    "क ख ग घ च छ ज ट ड त थ द न प ब म य र ल व श स ह का कि की कु कू के कै क्ष ज्ञ त्र प्र",
    "ক খ গ ঘ চ জ ট ড ত দ ন প ব ম য র ল শ স হ কা কি কী কু কে কো ক্ষ",
    "ਕ ਖ ਗ ਘ ਚ ਜ ਟ ਡ ਤ ਦ ਨ ਪ ਬ ਮ ਯ ਰ ਲ ਵ ਸ ਹ ਕਾ ਕਿ ਕੀ ਕੁ ਪ੍ਰ",
    "ક ખ ગ ઘ ચ જ ટ ડ ત દ ન પ બ મ ય ર લ વ શ સ હ કા કિ કી કુ કે",
    "க ங ச ஞ ட ண த ந ப ம ய ர ல வ ழ ள கா கி கீ கு கே கொ",
    "క ఖ గ చ జ ట డ త ద న ప బ మ య ర ల వ కా కి కీ కు",
    "ಕ ಖ ಗ ಚ ಜ ಟ ಡ ತ ದ ನ ಪ ಬ ಮ ಯ ರ ಲ ವ ಕಾ ಕಿ",
    "ക ഖ ഗ ച ജ ട ഡ ത ദ ന പ ബ മ യ ര ല വ കാ കി",
    "ක ඛ ග ච ජ ට ඩ ත ද න ප බ ම ය ර ල ව කා කි",
    "ก ข ค ง จ ช ซ ญ ด ต ถ ท น บ ป ผ พ ม ย ร ล ว ส ห อ ที่ น้ำ ป่ กุ",
    "ກ ຂ ຄ ງ ຈ ຊ ຍ ດ ຕ ຖ ທ ນ ບ ປ ຜ ພ ມ ລ ວ ສ ຫ ທີ່",
    "ក ខ គ ង ច ជ ញ ដ ត ថ ទ ន ប ផ ព ម យ រ ល វ ស ហ កា កិ ក្រ",
    "က ခ ဂ င စ ဆ ဇ ည တ ထ ဒ န ပ ဖ ဗ မ ယ ရ လ ဝ သ ဟ ကာ ကိ ကြ",
    "አ በ ገ ደ ሀ ወ ዘ ሐ ጠ የ ከ ለ መ ነ ሰ ፈ ጸ ቀ ረ ሸ ተ ኃ ኘ ኸ",
    "ა ბ გ დ ე ვ ზ თ ი კ ლ მ ნ ო პ ჟ რ ს ტ უ ფ ქ ღ ყ შ",
    "Ա Բ Գ Դ Ե Զ Է Ը Թ Ժ ա բ գ դ ե զ է ը թ ժ",
    "ཀ ཁ ག ང ཅ ཆ ཇ ཉ ཏ ཐ ད ན པ ཕ བ མ ཀི ཀུ རྒྱ",
    "王 李 张 刘 陈 杨 黄 赵 吴 周 徐 孙 马 朱 胡 郭 何 高 林 罗 鄭 龍",
    "さ と う す ず き た か は し サ ト ウ ス ズ キ 佐 藤 鈴 木",
    "김 이 박 최 정 강 조 윤 장 임 한 오 서 신 권 황 안 송 류 홍",
    "ܐ ܒ ܓ ܕ ܗ ܘ ܙ ܚ ܛ ܝ ܟ ܠ ܡ ܢ",
    "ހ ށ ނ ރ ބ ޅ ކ އަ ވަ މި ފު",
    "ߊ ߋ ߌ ߍ ߎ ߏ ߐ ߓ ߔ ߕ ߖ ߗ",
    "ⴰ ⴱ ⴳ ⴷ ⴹ ⴻ ⴼ ⴽ ⵀ ⵃ ⵄ",
};
#define SCRIPTS (sizeof scripts / sizeof scripts[0])

/* A small generator: the same cases everywhere. */
static uint64_t chance_state;

static uint64_t chance(uint64_t below) {
    chance_state ^= chance_state << 13;
    chance_state ^= chance_state >> 7;
    chance_state ^= chance_state << 17;
    return chance_state % below;
}

/* Adds one letter of a script; returns its bytes. */
static void add_letter(struct buffer *out, const char *script) {
    size_t letters = 1;
    for (const char *at = script; *at != '\0'; at++) {
        letters += *at == ' ';
    }
    uint64_t wanted = chance(letters);
    while (wanted-- > 0) {
        script = strchr(script, ' ') + 1;
    }
    buffer_add(out, script, strcspn(script, " "));
}

/* A name of one to six words; long ones are rare. Returns how many letters it has. */
static size_t make_name(struct buffer *out) {
    const char *script = scripts[chance(SCRIPTS)];
    size_t words = 1 + chance(chance(8) == 0 ? 6 : 3);
    size_t letters = 0;
    buffer_clear(out);
    for (size_t word = 0; word < words; word++) {
        size_t length = 1 + chance(chance(20) == 0 ? 60 : 10);
        buffer_text(out, word > 0 ? " " : "");
        if (chance(10) == 0) {
            script = scripts[chance(SCRIPTS)];
        }
        for (size_t i = 0; i < length; i++) {
            add_letter(out, script);
        }
        letters += length + 1;
    }
    assert_true(buffer_ok(out));
    return letters;
}

static void make_label(struct render_label *label, struct render_dose doses[14]) {
    static const char *const products[] = {
        "methadone-1mg-ml",
        "methadone-10mg-ml-sf",
        "buprenorphine-2mg-sl",
        "buprenorphine-naloxone-2mg-0.5mg-sl",
        "buprenorphine-8mg-oral-lyophilisate",
        "buprenorphine-naloxone-12mg-3mg-film",
        "diazepam-2mg",
        "diazepam-2mg-5ml-sf",
    };
    *label = papers_label(products[chance(sizeof products / sizeof products[0])], 1000, 1);
    label->dose_count = 1 + chance(chance(8) == 0 ? 14 : 2);
    label->quantity = 0;
    label->doses = doses;
    for (size_t i = 0; i < label->dose_count; i++) {
        bool same = i > 0 && chance(4) != 0;
        doses[i].day = PAPERS_DAY + (day_t)(i > 3 ? i + 1 : i);
        doses[i].dose = same ? doses[i - 1].dose : (quantity_t)(1 + chance(300)) * 500;
        label->quantity += doses[i].dose;
    }
    label->supervised = label->dose_count == 1 && chance(2) == 0;
    label->at_night = chance(5) == 0;
    label->reprint = chance(10) == 0 ? (int32_t)(1 + chance(20)) : 0;
}

static bool apart(const struct render_box *a, const struct render_box *b) {
    return a->page != b->page || a->x + a->width <= b->x || b->x + b->width <= a->x ||
           a->y + a->height <= b->y || b->y + b->height <= a->y;
}

/* What was drawn: all within the margins (a code's quiet zone may reach the edge), nothing on anything else. */
static void check_boxes(const struct renderer *renderer, const struct render_media *media, int32_t pages) {
    size_t count;
    const struct render_box *boxes = renderer_boxes(renderer, &count);
    size_t codes = 0;
    assert_true(count >= 3 * (size_t)pages);
    for (size_t i = 0; i < count; i++) {
        const struct render_box *box = &boxes[i];
        int32_t margin = box->kind == RENDER_BOX_CODE ? 0 : MARGIN;
        codes += box->kind == RENDER_BOX_CODE;
        assert_in_range(box->page, 0, pages - 1);
        assert_true(box->x >= margin && box->y >= margin);
        assert_true(box->x + box->width <= media->width - margin);
        assert_true(box->y + box->height <= media->height - margin);
        for (size_t j = 0; j < i; j++) {
            if (!apart(box, &boxes[j])) {
                fail_msg("boxes %zu (%d %d %d %d) and %zu (%d %d %d %d) overlap", i, box->x, box->y,
                         box->width, box->height, j, boxes[j].x, boxes[j].y, boxes[j].width, boxes[j].height);
            }
        }
    }
    assert_int_equal(codes, pages);
}

/* Only the bytes that are no blanks: lines may be broken anywhere in a long word, and right-to-left text is written out
 * in pieces. */
static void keep_ink(struct buffer *text) {
    size_t out = 0;
    for (size_t i = 0; i < text->len; i++) {
        if (text->bytes[i] != ' ') {
            text->bytes[out++] = text->bytes[i];
        }
    }
    text->bytes[out] = '\0';
    text->len = out;
}

static void check_read_back(const struct buffer *pdf, const struct render_label *label, int32_t pages) {
    for (int page = 1; page <= pages; page++) {
        struct buffer read;
        pdf_code(pdf, page, 203, &read);
        assert_string_equal(read.len > 0 ? read.bytes : "", label->code);
        buffer_release(&read);
    }
    bool latin = true;
    for (const char *at = label->patient; *at != '\0'; at++) {
        latin = latin && (unsigned char)*at < 0x80;
    }
    if (latin) {
        struct buffer words;
        struct buffer name;
        pdf_text(pdf, 1, &words);
        buffer_init(&name, NAME_MAX_BYTES);
        buffer_text(&name, label->patient);
        keep_ink(&words);
        keep_ink(&name);
        assert_non_null(strstr(words.bytes, name.bytes));
        buffer_release(&words);
        buffer_release(&name);
    }
}

/* A quarter of the cases, in a process of its own. */
static void quarter(int number) {
    struct renderer *renderer = papers_renderer();
    struct buffer pdf;
    struct buffer name;
    int refused = 0;
    int second = 0;
    chance_state = 0x9E3779B97F4A7C15U + (uint64_t)number;
    buffer_init(&pdf, PDF_MAX);
    buffer_init(&name, NAME_MAX_BYTES);
    for (int i = 0; i < COUNT / QUARTERS; i++) {
        struct render_label label;
        struct render_dose doses[14];
        struct render_answer answer;
        size_t letters = make_name(&name);
        make_label(&label, doses);
        label.patient = name.bytes;
        enum render_result result = render_label(renderer, &render_media_label, &label, &pdf, &answer);
        if (result == RENDER_TOO_LONG && (letters > ALWAYS_FITS || label.dose_count > 2)) {
            refused++;
            continue;
        }
        if (result != RENDER_OK) {
            fail_msg("case %d of %d: %s (%s; %s, %zu doses, reprint %d)", i, number, answer.sentence,
                     name.bytes, label.product->code, label.dose_count, label.reprint);
        }
        assert_true(answer.size >= 70);
        second += answer.pages > 1;
        check_boxes(renderer, &render_media_label, answer.pages);
        if (i % SAMPLE == 0) {
            check_read_back(&pdf, &label, answer.pages);
        }
    }
    /* The cases are what they are meant to be: some need a second label, few are refused. */
    assert_in_range(second, COUNT / QUARTERS / 50, COUNT / QUARTERS / 2);
    assert_in_range(refused, 1, COUNT / QUARTERS / 10);
    buffer_release(&pdf);
    buffer_release(&name);
    renderer_free(&renderer);
}

static void first_quarter(void **state) {
    (void)state;
    quarter(FIRST_QUARTER);
}

static void second_quarter(void **state) {
    (void)state;
    quarter(FIRST_QUARTER + 1);
}

/* Bag labels, with addresses of several lines. */
static void bag_labels(void **state) {
    (void)state;
    struct renderer *renderer = papers_renderer();
    struct buffer pdf;
    struct buffer name;
    struct buffer address;
    chance_state = 0xB0A7 + FIRST_QUARTER;
    buffer_init(&pdf, PDF_MAX);
    buffer_init(&name, NAME_MAX_BYTES);
    buffer_init(&address, 4 * NAME_MAX_BYTES);
    for (int i = 0; i < 500; i++) {
        struct render_answer answer;
        struct render_bag_label bag = papers_bag_label();
        buffer_clear(&address);
        for (uint64_t lines = 1 + chance(4); lines > 0; lines--) {
            (void)make_name(&name);
            buffer_format(&address, "%s%s", address.len > 0 ? "\n" : "", name.bytes);
        }
        (void)make_name(&name);
        bag.patient = name.bytes;
        bag.address = address.bytes;
        bag.bag_count = (int32_t)(1 + chance(3));
        enum render_result result = render_bag_label(renderer, &render_media_label, &bag, &pdf, &answer);
        if (result != RENDER_TOO_LONG) {
            assert_int_equal(result, RENDER_OK);
            check_boxes(renderer, &render_media_label, 1);
        }
    }
    buffer_release(&pdf);
    buffer_release(&name);
    buffer_release(&address);
    renderer_free(&renderer);
}

/* The first quarter runs beside the rest, in a child whose lines of TAP are printed when it has ended. */
int main(void) {
    const struct CMUnitTest here[] = {cmocka_unit_test(second_quarter), cmocka_unit_test(bag_labels)};
    const struct CMUnitTest there[] = {cmocka_unit_test(first_quarter)};
    int lines[2];
    if (pipe(lines) != 0) {
        return 1;
    }
    (void)fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        if (dup2(lines[1], STDOUT_FILENO) < 0 || close(lines[0]) != 0 || close(lines[1]) != 0) {
            _exit(1);
        }
        int failed = cmocka_run_group_tests_name("render: random (first quarter)", there, NULL, NULL);
        (void)fflush(NULL);
        _exit(failed != 0);
    }
    int failed = cmocka_run_group_tests_name("render: random (second quarter)", here, NULL, NULL);
    int status = 0;
    char bytes[4096];
    ssize_t len;
    (void)close(lines[1]);
    (void)fflush(NULL);
    while ((len = read(lines[0], bytes, sizeof bytes)) > 0) {
        failed += write(STDOUT_FILENO, bytes, (size_t)len) != len;
    }
    failed += child < 0 || waitpid(child, &status, 0) != child || status != 0;
    return failed;
}
