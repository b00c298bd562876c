/* instant.c — see instant.h. */
#include "scim/instant.h"

#include <ctype.h>
#include <string.h>

#include "base/clock.h"

enum { SECONDS_END = 19 };          /* "2026-11-21T04:00:00" */

/* "Z", "+02:00", "-0730" or nothing: how far this is ahead of UTC. */
static bool zone_parse(const char *s, int64_t *ms)
{
    *ms = 0;
    if (*s == '\0' || ((*s == 'Z' || *s == 'z') && s[1] == '\0'))
        return true;
    int digits[4], n = 0;
    const char *p = s + 1;

    for (; *p && n < 4; p++)
        if (isdigit((unsigned char)*p))
            digits[n++] = *p - '0';
        else if (*p != ':' || n != 2)
            return false;
    if ((*s != '+' && *s != '-') || *p || n != 4)
        return false;
    int hours = digits[0] * 10 + digits[1], minutes = digits[2] * 10 + digits[3];
    if (hours > 14 || minutes > 59)
        return false;
    *ms = (hours * 60 + minutes) * (int64_t)60000 * (*s == '-' ? -1 : 1);
    return true;
}

bool instant_parse(const char *s, int64_t *ms)
{
    char seconds[SECONDS_END + 1] = "";
    int64_t ahead, part = 0, unit = 100;

    if (date_valid(s))
        return time_parse(s, ms);
    if (strnlen(s, SECONDS_END) < SECONDS_END || s[10] != 'T')
        return false;
    memcpy(seconds, s, SECONDS_END);
    if (seconds[16] != ':' || !time_parse(seconds, ms))
        return false;
    s += SECONDS_END;
    if (*s == '.') {
        if (!isdigit((unsigned char)s[1]))
            return false;
        for (s++; isdigit((unsigned char)*s); s++, unit /= 10)
            part += (*s - '0') * unit;
    }
    if (!zone_parse(s, &ahead))
        return false;
    *ms += part - ahead;
    return true;
}
