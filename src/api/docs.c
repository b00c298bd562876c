/*
 * docs.c — GET /docs: the pages of the guide about SCIM, readable without signing in. The text is that of
 * docs/guide/, made HTML when the program is built.
 */
#include "api/api.h"
#include "api/html.h"
#include "base/str.h"
#include "base/version.h"

static const struct page { const char *name, *title, *html; } pages[] = {
#include "docs.inc"
};

static const char style[] =
    "<style>\n"
    ":root{color-scheme:light dark;--ink:#1c2024;--soft:#60646c;--line:#dfe2e6;--paper:#fff;"
    "--ground:#f6f7f9;--link:#0b68cb}\n"
    "@media(prefers-color-scheme:dark){:root{--ink:#edeef0;--soft:#a1a6ae;--line:#33373d;"
    "--paper:#1b1d21;--ground:#121316;--link:#70b8ff}}\n"
    "*{box-sizing:border-box}\n"
    "body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.55 system-ui,sans-serif}\n"
    "a{color:var(--link)}nav,main,footer{max-width:62rem;margin:0 auto;padding:1rem}\n"
    "nav{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem}nav b{margin-right:auto}\n"
    "nav a[aria-current]{color:inherit;font-weight:600;text-decoration:none}\n"
    "main{background:var(--paper);border:1px solid var(--line);border-radius:.6rem;padding:1rem "
    "1.5rem 2rem}\n"
    "h1{font-size:1.6rem;line-height:1.25}h2{font-size:1.2rem;margin-top:2rem}\n"
    "table{border-collapse:collapse;display:block;overflow-x:auto}\n"
    "th,td{border:1px solid var(--line);padding:.35rem .6rem;text-align:left;vertical-align:top}\n"
    "th{background:var(--ground)}\n"
    "code{font:.875em ui-monospace,monospace;background:var(--ground);border-radius:.3rem;"
    "padding:.1rem .3rem;overflow-wrap:anywhere}\n"
    "pre{background:var(--ground);border:1px solid var(--line);border-radius:.5rem;padding:.75rem "
    "1rem;overflow-x:auto}pre code{background:none;padding:0}\n"
    "footer{color:var(--soft);font-size:.9rem}\n"
    "</style>\n";

static void put_page(struct buf *to, const struct page *p)
{
    buf_puts(to, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
                 "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>");
    html_text(to, p->title);
    buf_puts(to, " · Muster</title>\n");
    buf_puts(to, style);
    buf_puts(to, "</head><body>\n<nav><b>Muster</b>");
    for (size_t i = 0; i < COUNT(pages); i++) {
        buf_printf(to, "<a href=\"/docs/%s\"%s>", pages[i].name,
                   &pages[i] == p ? " aria-current=\"page\"" : "");
        html_text(to, pages[i].title);
        buf_puts(to, "</a>");
    }
    buf_puts(to, "</nav>\n<main>\n");
    buf_puts(to, p->html);
    buf_puts(to, "</main>\n<footer>");
    html_printf(to, "muster %s", muster_version);
    buf_puts(to, "</footer>\n</body></html>\n");
}

static enum err get_docs(struct call *c)
{
    const char *name = call_part(c, "page");

    c->type = "text/html; charset=utf-8";
    for (size_t i = 0; i < COUNT(pages); i++)
        if (!name || str_eq(pages[i].name, name)) {
            put_page(&c->reply, &pages[i]);
            return OK;
        }
    return errf(ERR_NOT_FOUND, "there is no page /docs/%.80s; /docs shows those there are", name);
}

const struct route docs_routes[] = {
    { GET, "/docs", 0, LANE_BARE, get_docs, 0, "How to set up SCIM" },
    { GET, "/docs/{page}", 0, LANE_BARE, get_docs, 0, "One page of the guide" },
    {},
};
