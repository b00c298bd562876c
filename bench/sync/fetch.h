/*
 * fetch.h — what the reference programs share: POST /people/search with plain libcurl, and the line
 * that proves that everybody was read.
 */
#ifndef BENCH_FETCH_H
#define BENCH_FETCH_H

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>

typedef size_t fetch_fn(char *bytes, size_t size, size_t n, void *arg);

/* Ends the program if the answer does not come whole. */
static inline void fetch_people(const char *base, fetch_fn *fn)
{
    char url[512];
    long status = 0;
    CURL *c = curl_easy_init();
    struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");

    snprintf(url, sizeof url, "%s/people/search", base);
    curl_easy_setopt(c, CURLOPT_URL, url);
    curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(c, CURLOPT_POSTFIELDS, "{\"showInactive\":true}");
    curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, fn);
    curl_easy_setopt(c, CURLOPT_BUFFERSIZE, 512L * 1024);
    CURLcode result = curl_easy_perform(c);
    curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
    if (result != CURLE_OK || status != 200) {
        fprintf(stderr, "%s: %s, status %ld\n", url, curl_easy_strerror(result), status);
        exit(3);
    }
    curl_slist_free_all(headers);
    curl_easy_cleanup(c);
}

/* The same for every program that read the same bytes. */
static inline void fetch_result(long employees, long mail)
{
    printf("%ld employees, %ld bytes of e-mail\n", employees, mail);
}

#endif
