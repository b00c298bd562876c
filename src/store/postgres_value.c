/* postgres_value.c — parameters and values as PostgreSQL writes them: $1, big-endian, by type oid. */
#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/postgres.h"

/* `?` inside '…', "…" and -- comments is text. */
char *postgres_number_params(const char *sql, size_t *count)
{
    struct buf out = {};
    size_t n = 0;

    for (const char *s = sql; *s;) {
        if (*s == '?') {
            buf_printf(&out, "$%zu", ++n);
            s++;
            continue;
        }
        const char *end = *s == '\'' || *s == '"' ? strchr(s + 1, *s) : NULL;
        if (s[0] == '-' && s[1] == '-')
            end = strchr(s, '\n');
        size_t span = end ? (size_t)(end - s) + 1 : 1;
        buf_add(&out, s, span);
        s += span;
    }
    *count = n;
    return out.at;
}

static int64_t read_int(const char *bytes, int n)
{
    uint64_t v = bytes[0] & 0x80 ? ~(uint64_t)0 : 0;

    for (int i = 0; i < n; i++)
        v = v << 8 | (unsigned char)bytes[i];
    return (int64_t)v;
}

/*
 * sum() of BIGINT is numeric in PostgreSQL: base-10000 digits after a head of four 16-bit numbers
 * (digits, weight of the first, sign, digits after the point).
 */
static bool read_numeric(const char *bytes, int64_t *out)
{
    int digits = (int)read_int(bytes, 2), weight = (int)read_int(bytes + 2, 2);
    bool negative = (unsigned char)bytes[4] == 0x40;
    int64_t v = 0;

    if ((unsigned char)bytes[4] & 0x80 || digits > weight + 1)
        return false;                       /* NaN, infinite, or with a fraction */
    for (int i = 0; i <= weight; i++) {
        int64_t digit = i < digits ? read_int(bytes + 8 + 2 * i, 2) : 0;
        if (__builtin_mul_overflow(v, 10000, &v) || __builtin_sub_overflow(v, digit, &v))
            return false;
    }
    *out = negative ? v : -v;               /* summed below zero, where there is one more number */
    return negative || v != INT64_MIN;
}

/* Oids of types, from the server's catalog/pg_type.dat; they never change. */
enum { BOOL = 16, INT8 = 20, INT2 = 21, INT4 = 23, NUMERIC = 1700 };
enum { NAME = 19, TEXT = 25, JSON = 114, UNKNOWN = 705, BPCHAR = 1042, VARCHAR = 1043 };

enum err postgres_cell(const PGresult *res, int row, int column, struct cell *out)
{
    *out = (struct cell){ .null = PQgetisnull(res, row, column) };
    if (out->null)
        return OK;
    const char *bytes = PQgetvalue(res, row, column);
    int n = PQgetlength(res, row, column);
    switch (PQftype(res, column)) {
    case INT8:
    case INT4:
    case INT2:
        out->num = read_int(bytes, n);
        return OK;
    case BOOL:
        out->num = bytes[0];
        return OK;
    case NUMERIC:
        if (read_numeric(bytes, &out->num))
            return OK;
        break;
    case TEXT:
    case VARCHAR:
    case BPCHAR:
    case NAME:
    case JSON:
    case UNKNOWN:
        out->text = bytes;
        out->n = (size_t)n;
        return OK;
    }
    return errf(ERR_INTERNAL, "column %s (type %u) is neither a whole number nor text; cast it",
                PQfname(res, column), PQftype(res, column));
}
