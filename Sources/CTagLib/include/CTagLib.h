// Tags and properties of audio files through TagLib, as plain C.
//
// TagLib is C++ and throws; nothing of that crosses this header. Every function may block on the disk. A handle
// belongs to one thread at a time. Texts are UTF-8.

#pragma once

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/// What the content of a file is; the caller finds out, since the name may lie.
typedef enum {
    HDM_TAG_FLAC,
    HDM_TAG_MPEG,
    HDM_TAG_MP4,
    HDM_TAG_OGG_VORBIS,
    HDM_TAG_OGG_OPUS,
    HDM_TAG_OGG_FLAC,
    HDM_TAG_WAV,
    HDM_TAG_AIFF,
    HDM_TAG_APE,
    HDM_TAG_WAVPACK,
} hdm_tag_format;

typedef enum {
    HDM_TAG_OK,
    /// The file could not be opened; `errno` is not reliable after it.
    HDM_TAG_CANNOT_OPEN,
    /// The file was opened, and is not valid audio of the given format.
    HDM_TAG_INVALID,
    /// The format cannot hold what was given.
    HDM_TAG_UNSUPPORTED,
    /// The tags could not be written.
    HDM_TAG_CANNOT_SAVE,
    /// TagLib failed in an unforeseen way, such as for want of memory.
    HDM_TAG_FAILED,
} hdm_tag_status;

/// An open file. Made by `hdm_tag_open`, ended by `hdm_tag_close`.
typedef struct hdm_tag_file hdm_tag_file;

/// One value of one key; a key with several values appears several times. In a list that is written, a null value
/// removes the key.
typedef struct {
    char *key;
    char *value;
} hdm_tag_pair;

typedef struct {
    int duration_ms;
    int bitrate_kbps;
    int sample_rate;
    int channels;
    /// 0 when the format has none.
    int bits_per_sample;
    /// The content is encrypted: nobody can play it without a licence.
    bool is_encrypted;
    /// A literal, never to be freed.
    const char *codec;
} hdm_tag_properties;

/// Opens a file as audio of `format`. On `HDM_TAG_OK`, `*file` is the caller's until `hdm_tag_close`.
hdm_tag_status hdm_tag_open(const char *path, hdm_tag_format format, bool writable, hdm_tag_file **file);
void hdm_tag_close(hdm_tag_file *file);

hdm_tag_status hdm_tag_read_properties(hdm_tag_file *file, hdm_tag_properties *properties);

/// Reads all tags. `*pairs` is the caller's until `hdm_tag_free_pairs`.
hdm_tag_status hdm_tag_read_pairs(hdm_tag_file *file, hdm_tag_pair **pairs, size_t *count);
void hdm_tag_free_pairs(hdm_tag_pair *pairs, size_t count);

/// Replaces the values of the keys that `pairs` names and keeps all others; nothing is on disk before `hdm_tag_save`.
hdm_tag_status hdm_tag_replace(hdm_tag_file *file, const hdm_tag_pair *pairs, size_t count);

/// The number of embedded pictures, or -1 when that cannot be told.
int hdm_tag_picture_count(hdm_tag_file *file);

/// Puts an image where players look for the front cover, in place of an earlier front cover; other pictures stay.
hdm_tag_status hdm_tag_set_front_cover(
    hdm_tag_file *file, const char *mime_type, const unsigned char *data, size_t count);

hdm_tag_status hdm_tag_save(hdm_tag_file *file);

#ifdef __cplusplus
}
#endif
