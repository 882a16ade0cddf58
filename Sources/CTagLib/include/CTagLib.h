// Tags and properties of audio files through TagLib, as plain C.
//
// TagLib is C++ and throws; no exception leaves these functions. Every function blocks on the disk. A handle is used by
// one thread at a time. Texts are UTF-8.

#pragma once

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
    HDM_TAG_OK,
    /// The file could not be opened; `errno` is not reliable after it.
    HDM_TAG_CANNOT_OPEN,
    /// The file was opened, and is not valid audio of the given type.
    HDM_TAG_INVALID,
    /// The format cannot hold one of the values.
    HDM_TAG_UNSUPPORTED,
    /// The tags could not be written.
    HDM_TAG_CANNOT_SAVE,
    /// TagLib failed for another reason, such as a lack of memory.
    HDM_TAG_FAILED,
} hdm_tag_status;

/// An open file. Created by `hdm_tag_open`, destroyed by `hdm_tag_close`.
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
    /// The content is encrypted and cannot be played without a licence.
    bool is_encrypted;
    /// A literal, never to be freed. Empty where the container has only one codec.
    const char *codec;
} hdm_tag_properties;

/// Opens a file as the type that TagLib has for `extension`, whatever the extension of the path is. On `HDM_TAG_OK`, the
/// caller owns `*file` and passes it to `hdm_tag_close`.
hdm_tag_status hdm_tag_open(const char *path, const char *extension, bool writable, hdm_tag_file **file);
void hdm_tag_close(hdm_tag_file *file);

hdm_tag_status hdm_tag_read_properties(hdm_tag_file *file, hdm_tag_properties *properties);

/// Reads all tags. The caller owns `*pairs` and passes it to `hdm_tag_free_pairs`.
hdm_tag_status hdm_tag_read_pairs(hdm_tag_file *file, hdm_tag_pair **pairs, size_t *count);
void hdm_tag_free_pairs(hdm_tag_pair *pairs, size_t count);

/// Replaces the values of the keys in `pairs` and leaves all others. `hdm_tag_save` writes them to the disk.
hdm_tag_status hdm_tag_replace(hdm_tag_file *file, const hdm_tag_pair *pairs, size_t count);

/// Returns the number of embedded pictures, or -1 when it is unknown.
int hdm_tag_picture_count(hdm_tag_file *file);

/// Embeds an image as the front cover, in place of an earlier front cover. Other pictures stay.
hdm_tag_status hdm_tag_set_front_cover(
    hdm_tag_file *file, const char *mime_type, const unsigned char *data, size_t count);

hdm_tag_status hdm_tag_save(hdm_tag_file *file);

#ifdef __cplusplus
}
#endif
