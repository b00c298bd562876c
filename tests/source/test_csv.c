/* test_csv.c — rows come out as they were meant, or the line that cannot be read is named. */
#include "source/csv.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"

/* Rows as "line:[cell][cell]\n". */
static enum err row_seen(void *arg, size_t line, const struct csv_cell *cells, size_t n)
{
    struct buf *out = arg;

    buf_printf(out, "%zu:", line);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(cells[i].text[cells[i].n], '\0');
        buf_printf(out, "[%.*s]", (int)cells[i].n, cells[i].text);
    }
    buf_putc(out, '\n');
    return OK;
}

static enum err parse(char delimiter, const char *text, size_t n, size_t piece, struct buf *out)
{
    AUTO(csv) *c = csv_new(delimiter, 1000, row_seen, out);

    for (size_t at = 0; at < n; at += piece) {
        size_t len = MIN(piece, n - at);
        char *alone = malloc(len);
        memcpy(alone, text + at, len);
        enum err e = csv_feed(c, alone, len);
        free(alone);
        TRY(e);
    }
    return csv_end(c);
}

static void reads_every_dialect(void **state)
{
    static const struct { const char *text, *rows; char delimiter; } cases[] = {
        { "a,b\n1,2\n", "1:[a][b]\n2:[1][2]\n" },
        { "a,b\n1,2", "1:[a][b]\n2:[1][2]\n" },
        { "a;b\r\n1,5;2\r\n", "1:[a][b]\n2:[1,5][2]\n" },
        { "a\tb\r1\t2\r", "1:[a][b]\n2:[1][2]\n" },
        { "a|b\n1|2\n", "1:[a][b]\n2:[1][2]\n" },
        { "\xef\xbb\xbf" "a,b\n,\n", "1:[a][b]\n2:[][]\n" },
        { "\"x;y\",b\n1,2\n", "1:[x;y][b]\n2:[1][2]\n" },
        { "a,b\n\"1 \"\"one\"\"\",\"\"\n", "1:[a][b]\n2:[1 \"one\"][]\n" },
        { "a,b\n\"two\nlines\r\nor three\",x\n3,4\n",
          "1:[a][b]\n2:[two\nlines\r\nor three][x]\n5:[3][4]\n" },
        { "\"a\nb\";c\n1;2\n", "1:[a\nb][c]\n3:[1][2]\n" },
        { "\n\r\na;b\n\n1;2\n\n", "3:[a][b]\n5:[1][2]\n" },
        { "a\n1\n\n\"\"\n", "1:[a]\n2:[1]\n4:[]\n" },
        { "a,b\n5\" pipe,x\n", "1:[a][b]\n2:[5\" pipe][x]\n" },
        { "a;b,c\n1;2,3\n", "1:[a;b][c]\n2:[1;2][3]\n", ',' },
        { "name\nMüller\n", "1:[name]\n2:[Müller]\n" },
        { " a , b \n 1 , 2 \n", "1:[ a ][ b ]\n2:[ 1 ][ 2 ]\n" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        for (size_t piece = 1; piece <= 70; piece++) {
            AUTO_BUF out = {};
            assert_int_equal(
                parse(cases[i].delimiter, cases[i].text, strlen(cases[i].text), piece, &out), OK);
            assert_string_equal(out.at, cases[i].rows);
        }
}

static void names_the_line_it_cannot_read(void **state)
{
#define TEXT(s) s, sizeof s - 1
    static const struct { const char *text; size_t n; enum err err; const char *says; } cases[] = {
        { TEXT(""), ERR_INCOMPLETE, "no header row" },
        { TEXT("\n\n"), ERR_INCOMPLETE, "no header row" },
        { TEXT("a,b\n1,2\n3\n4,5\n"), ERR_INVALID, "line 3 has 1 cells where the header has 2" },
        { TEXT("a,b\n1,2,3\n"), ERR_INVALID, "line 2 has 3 cells where the header has 2" },
        { TEXT("a,b\n\"x\ny\",2\n3,4,5\n"), ERR_INVALID, "line 4 has 3 cells" },
        { TEXT("a,b\n1,\"2\n3,4\n"), ERR_INCOMPLETE,
          "within the quotes that were opened in line 2" },
        { TEXT("a,b\n1,2\n3"), ERR_INCOMPLETE, "ends in the middle of line 3" },
        { TEXT("a,b\n\"1\"x,2\n"), ERR_INVALID, "line 2 has text behind a closing quote" },
        { TEXT("a,b\n1,M\xfcller\n"), ERR_INVALID,
          "line 2, cell 2 is not UTF-8; the file is probably in Windows-1252" },
        { TEXT("a,b\n1,\0\n"), ERR_INVALID, "line 2 has a NUL byte" },
        { TEXT("\xff\xfe" "a\0,\0b\0\n\0"), ERR_INVALID, "UTF-16" },
        { TEXT("\xfe\xff\0a\0,\0b\0\n"), ERR_INVALID, "UTF-16" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        for (size_t piece = 1; piece <= 30; piece++) {
            AUTO_BUF out = {};
            assert_int_equal(parse(0, cases[i].text, cases[i].n, piece, &out), cases[i].err);
            if (!strstr(err_text(), cases[i].says))
                fail_msg("'%s' does not say '%s'", err_text(), cases[i].says);
        }
}

static void has_ceilings(void **state)
{
    static const struct { const char *before; char fill; const char *says; } cases[] = {
        { "a,b\n1,", 'x', "row that begins in line 2 is larger than 1000 bytes" },
        { "a,b\n1,\"", '\n', "the quote opened in line 2 is probably never closed" },
        { "\"", 'x', "row that begins in line 1" },
        { "a,", 'x', "row that begins in line 1" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        AUTO_BUF text = {}, out = {};
        buf_puts(&text, cases[i].before);
        for (int k = 0; k < 2000; k++)
            buf_putc(&text, cases[i].fill);
        assert_int_equal(parse(0, text.at, text.n, 64, &out), ERR_TOO_LARGE);
        assert_non_null(strstr(err_text(), cases[i].says));
    }
    AUTO_BUF wide = {}, out = {};
    for (int k = 0; k < CSV_COLUMNS + 1; k++)
        buf_putc(&wide, ',');
    AUTO(csv) *c = csv_new(',', 0, row_seen, &out);
    assert_int_equal(csv_feed(c, wide.at, wide.n), OK);
    assert_int_equal(csv_end(c), ERR_TOO_LARGE);
}

/* A file cut anywhere but in a row's last cell, which alone cannot be told from a short one. */
static void finds_a_file_cut_within_a_row(void **state)
{
    static const char *const cells[] = { "id,", "name,", "end\n",      "1,", "\"Ada \"\"B\"\"\",",
                                         "x\n", "2,",    "\"Bo\n2\",", "y\n" };
    AUTO_BUF text = {};

    (void)state;
    for (size_t i = 0; i < COUNT(cells); i++) {
        size_t before = text.n;
        buf_puts(&text, cells[i]);
        for (size_t n = before + (i % 3 == 0); i > 2 && n < text.n; n++) {
            AUTO_BUF out = {};
            assert_int_equal(parse(0, text.at, n, 7, &out), i % 3 == 2 ? OK : ERR_INCOMPLETE);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_every_dialect),
        cmocka_unit_test(names_the_line_it_cannot_read),
        cmocka_unit_test(has_ceilings),
        cmocka_unit_test(finds_a_file_cut_within_a_row),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
