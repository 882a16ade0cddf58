#include "CTagLib.h"

#include <taglib/aifffile.h>
#include <taglib/apefile.h>
#include <taglib/apetag.h>
#include <taglib/attachedpictureframe.h>
#include <taglib/fileref.h>
#include <taglib/flacfile.h>
#include <taglib/id3v2tag.h>
#include <taglib/mp4file.h>
#include <taglib/mpcfile.h>
#include <taglib/mpegfile.h>
#include <taglib/oggflacfile.h>
#include <taglib/opusfile.h>
#include <taglib/tfilestream.h>
#include <taglib/tpropertymap.h>
#include <taglib/trueaudiofile.h>
#include <taglib/vorbisfile.h>
#include <taglib/wavfile.h>
#include <taglib/wavpackfile.h>
#include <taglib/xiphcomment.h>

#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

using namespace TagLib;

/// A stream that reports a file name with a given extension. TagLib chooses the file type by it, and the real name may
/// have another one.
class TypedStream : public FileStream {
public:
    TypedStream(const char *path, const char *extension, bool readOnly)
        : FileStream(path, readOnly), typedName(std::string("audio.") + extension) {}

    FileName name() const override { return typedName.c_str(); }

private:
    std::string typedName;
};

struct hdm_tag_file {
    // The stream comes first: it is destroyed last, as the file reads from it until its own end.
    std::unique_ptr<TypedStream> stream;
    std::unique_ptr<FileRef> reference;
    /// Owned by `reference`.
    File *file;
};

namespace {

const char *const freeform = "----:com.apple.iTunes:";

/// Runs `body` and turns every exception into a status.
template <typename Body> hdm_tag_status guarded(Body body) {
    try {
        return body();
    } catch (...) {
        return HDM_TAG_FAILED;
    }
}

String text(const char *utf8) { return String(utf8, String::UTF8); }

char *copied(const String &value) {
    const std::string bytes = value.to8Bit(true);
    char *copy = static_cast<char *>(std::malloc(bytes.size() + 1));
    if (copy == nullptr) throw std::bad_alloc();
    std::memcpy(copy, bytes.data(), bytes.size());
    copy[bytes.size()] = '\0';
    return copy;
}

MP4::Tag *mp4Tag(hdm_tag_file *file) { return dynamic_cast<MP4::Tag *>(file->file->tag()); }

/// Returns all properties. TagLib's own map leaves out free-form MP4 items that it has no name for.
PropertyMap allProperties(hdm_tag_file *file) {
    PropertyMap properties = file->file->properties();
    MP4::Tag *tag = mp4Tag(file);
    if (tag == nullptr) return properties;
    for (const auto &item : tag->itemMap()) {
        if (!item.first.startsWith(freeform)) continue;
        const String key = item.first.substr(std::strlen(freeform)).upper();
        const StringList values = item.second.toStringList();
        if (!properties.contains(key) && !values.isEmpty() && key.find(" ") < 0) properties.insert(key, values);
    }
    return properties;
}

/// Returns the changes by key, in the order of the values. An empty list removes the key.
PropertyMap changes(const hdm_tag_pair *pairs, size_t count) {
    PropertyMap map;
    for (size_t index = 0; index < count; ++index) {
        StringList values = map[text(pairs[index].key)];
        if (pairs[index].value != nullptr) values.append(text(pairs[index].value));
        map.replace(text(pairs[index].key), values);
    }
    return map;
}

void setFreeform(MP4::Tag *tag, const String &key, const StringList &values) {
    String name = String(freeform) + key;
    for (const auto &item : tag->itemMap()) {
        if (item.first.upper() == name.upper()) name = item.first;
    }
    if (values.isEmpty()) {
        tag->removeItem(name);
    } else {
        tag->setItem(name, MP4::Item(values));
    }
}

ID3v2::Tag *id3v2Tag(hdm_tag_file *file) {
    if (auto mpeg = dynamic_cast<MPEG::File *>(file->file)) return mpeg->ID3v2Tag(true);
    if (auto wav = dynamic_cast<RIFF::WAV::File *>(file->file)) return wav->ID3v2Tag();
    if (auto aiff = dynamic_cast<RIFF::AIFF::File *>(file->file)) return aiff->tag();
    if (auto trueAudio = dynamic_cast<TrueAudio::File *>(file->file)) return trueAudio->ID3v2Tag(true);
    return nullptr;
}

APE::Tag *apeTag(hdm_tag_file *file) {
    if (auto ape = dynamic_cast<APE::File *>(file->file)) return ape->APETag(true);
    if (auto wavPack = dynamic_cast<WavPack::File *>(file->file)) return wavPack->APETag(true);
    if (auto musepack = dynamic_cast<MPC::File *>(file->file)) return musepack->APETag(true);
    return nullptr;
}

/// `owner` is a FLAC file or the comment of an Ogg stream.
template <typename Owner> void replaceFrontCover(Owner *owner, std::unique_ptr<FLAC::Picture> cover) {
    for (auto picture : owner->pictureList()) {
        if (picture->type() == FLAC::Picture::FrontCover) owner->removePicture(picture);
    }
    owner->addPicture(cover.release());
}

void replaceFrontCover(ID3v2::Tag *tag, const String &mimeType, const ByteVector &data) {
    std::vector<ID3v2::Frame *> old;
    for (auto frame : tag->frameList("APIC")) {
        auto picture = dynamic_cast<ID3v2::AttachedPictureFrame *>(frame);
        if (picture && picture->type() == ID3v2::AttachedPictureFrame::FrontCover) old.push_back(frame);
    }
    for (auto frame : old) tag->removeFrame(frame);
    auto cover = std::make_unique<ID3v2::AttachedPictureFrame>();
    cover->setType(ID3v2::AttachedPictureFrame::FrontCover);
    cover->setMimeType(mimeType);
    cover->setPicture(data);
    tag->addFrame(cover.release());
}

/// MP4 pictures have no type; players show the first one.
void replaceFrontCover(MP4::Tag *tag, const String &mimeType, const ByteVector &data) {
    const auto format = mimeType == "image/png" ? MP4::CoverArt::PNG : MP4::CoverArt::JPEG;
    MP4::CoverArtList covers = tag->item("covr").toCoverArtList();
    MP4::CoverArtList updated;
    updated.append(MP4::CoverArt(format, data));
    for (auto cover = covers.begin(); cover != covers.end(); ++cover) {
        if (cover != covers.begin()) updated.append(*cover);
    }
    tag->setItem("covr", MP4::Item(updated));
}

void replaceFrontCover(APE::Tag *tag, const String &mimeType, const ByteVector &data) {
    const ByteVector name(mimeType == "image/png" ? "cover.png" : "cover.jpg");
    tag->setData("COVER ART (FRONT)", name + ByteVector('\0') + data);
}

std::unique_ptr<FLAC::Picture> frontCover(const String &mimeType, const ByteVector &data) {
    auto cover = std::make_unique<FLAC::Picture>();
    cover->setType(FLAC::Picture::FrontCover);
    cover->setMimeType(mimeType);
    cover->setData(data);
    return cover;
}

/// Writes ID3v2.4 and keeps the other tags that exist. By default, TagLib adds an ID3v1 tag.
bool saveMPEG(MPEG::File *file) {
    int tags = MPEG::File::ID3v2;
    if (file->hasID3v1Tag()) tags |= MPEG::File::ID3v1;
    if (file->hasAPETag()) tags |= MPEG::File::APE;
    return file->save(tags, File::StripNone, ID3v2::v4, File::DoNotDuplicate);
}

/// The codec where a container can hold several, else an empty text.
const char *codec(AudioProperties *audio) {
    if (auto mpeg = dynamic_cast<MPEG::Properties *>(audio)) {
        return mpeg->layer() == 3 ? "mp3" : mpeg->layer() == 2 ? "mp2" : "mp1";
    }
    auto mp4 = dynamic_cast<MP4::Properties *>(audio);
    if (mp4 == nullptr) return "";
    return mp4->codec() == MP4::Properties::AAC ? "aac" : mp4->codec() == MP4::Properties::ALAC ? "alac" : "unknown";
}

int bitsPerSample(AudioProperties *audio) {
    if (auto flac = dynamic_cast<FLAC::Properties *>(audio)) return flac->bitsPerSample();
    if (auto wav = dynamic_cast<RIFF::WAV::Properties *>(audio)) return wav->bitsPerSample();
    if (auto aiff = dynamic_cast<RIFF::AIFF::Properties *>(audio)) return aiff->bitsPerSample();
    if (auto ape = dynamic_cast<APE::Properties *>(audio)) return ape->bitsPerSample();
    if (auto wavPack = dynamic_cast<WavPack::Properties *>(audio)) return wavPack->bitsPerSample();
    auto mp4 = dynamic_cast<MP4::Properties *>(audio);
    // The field has no meaning for AAC.
    return mp4 != nullptr && mp4->codec() == MP4::Properties::ALAC ? mp4->bitsPerSample() : 0;
}

}  // namespace

hdm_tag_status hdm_tag_open(const char *path, const char *extension, bool writable, hdm_tag_file **file) {
    return guarded([&] {
        auto opened = std::make_unique<hdm_tag_file>();
        opened->stream = std::make_unique<TypedStream>(path, extension, !writable);
        if (!opened->stream->isOpen()) return HDM_TAG_CANNOT_OPEN;
        // TagLib falls back to read-only access without an error.
        if (writable && opened->stream->readOnly()) return HDM_TAG_CANNOT_SAVE;
        opened->reference = std::make_unique<FileRef>(opened->stream.get());
        if (opened->reference->isNull() || !opened->reference->file()->isValid()) return HDM_TAG_INVALID;
        opened->file = opened->reference->file();
        *file = opened.release();
        return HDM_TAG_OK;
    });
}

void hdm_tag_close(hdm_tag_file *file) {
    if (file == nullptr) return;
    guarded([&] {
        file->reference.reset();
        delete file;
        return HDM_TAG_OK;
    });
}

hdm_tag_status hdm_tag_read_properties(hdm_tag_file *file, hdm_tag_properties *properties) {
    return guarded([&] {
        AudioProperties *audio = file->file->audioProperties();
        if (audio == nullptr) return HDM_TAG_INVALID;
        properties->duration_ms = audio->lengthInMilliseconds();
        properties->bitrate_kbps = audio->bitrate();
        properties->sample_rate = audio->sampleRate();
        properties->channels = audio->channels();
        properties->bits_per_sample = bitsPerSample(audio);
        auto mp4 = dynamic_cast<MP4::Properties *>(audio);
        properties->is_encrypted = mp4 != nullptr && mp4->isEncrypted();
        properties->codec = codec(audio);
        return HDM_TAG_OK;
    });
}

hdm_tag_status hdm_tag_read_pairs(hdm_tag_file *file, hdm_tag_pair **pairs, size_t *count) {
    std::vector<hdm_tag_pair> found;
    const auto status = guarded([&] {
        for (const auto &property : allProperties(file)) {
            for (const auto &value : property.second) {
                found.push_back({nullptr, nullptr});
                found.back().key = copied(property.first);
                found.back().value = copied(value);
            }
        }
        *count = found.size();
        *pairs = static_cast<hdm_tag_pair *>(std::calloc(found.size() + 1, sizeof(hdm_tag_pair)));
        if (*pairs == nullptr) throw std::bad_alloc();
        for (size_t index = 0; index < found.size(); ++index) (*pairs)[index] = found[index];
        return HDM_TAG_OK;
    });
    if (status == HDM_TAG_OK) return status;
    for (auto &pair : found) {
        std::free(pair.key);
        std::free(pair.value);
    }
    return status;
}

void hdm_tag_free_pairs(hdm_tag_pair *pairs, size_t count) {
    if (pairs == nullptr) return;
    for (size_t index = 0; index < count; ++index) {
        std::free(pairs[index].key);
        std::free(pairs[index].value);
    }
    std::free(pairs);
}

hdm_tag_status hdm_tag_replace(hdm_tag_file *file, const hdm_tag_pair *pairs, size_t count) {
    return guarded([&] {
        PropertyMap properties = file->file->properties();
        const PropertyMap changed = changes(pairs, count);
        for (const auto &change : changed) {
            if (change.second.isEmpty()) {
                properties.erase(change.first);
            } else {
                properties.replace(change.first, change.second);
            }
        }
        const PropertyMap refused = file->file->setProperties(properties);
        MP4::Tag *mp4 = mp4Tag(file);
        for (const auto &change : changed) {
            const bool unknown = refused.contains(change.first) || change.second.isEmpty();
            if (mp4 != nullptr && unknown) {
                setFreeform(mp4, change.first, change.second);
            } else if (refused.contains(change.first)) {
                return HDM_TAG_UNSUPPORTED;
            }
        }
        return HDM_TAG_OK;
    });
}

int hdm_tag_picture_count(hdm_tag_file *file) {
    int count = -1;
    guarded([&] {
        if (auto flac = dynamic_cast<FLAC::File *>(file->file)) {
            count = static_cast<int>(flac->pictureList().size());
        } else if (auto comment = dynamic_cast<Ogg::XiphComment *>(file->file->tag())) {
            count = static_cast<int>(comment->pictureList().size());
        } else if (auto mp4 = mp4Tag(file)) {
            count = static_cast<int>(mp4->item("covr").toCoverArtList().size());
        } else if (auto id3v2 = id3v2Tag(file)) {
            count = static_cast<int>(id3v2->frameList("APIC").size());
        } else if (auto ape = apeTag(file)) {
            count = ape->itemListMap().contains("COVER ART (FRONT)") ? 1 : 0;
        }
        return HDM_TAG_OK;
    });
    return count;
}

hdm_tag_status hdm_tag_set_front_cover(
    hdm_tag_file *file, const char *mime_type, const unsigned char *bytes, size_t count) {
    return guarded([&] {
        const String mimeType = text(mime_type);
        const ByteVector data(reinterpret_cast<const char *>(bytes), static_cast<unsigned int>(count));
        if (auto flac = dynamic_cast<FLAC::File *>(file->file)) {
            replaceFrontCover(flac, frontCover(mimeType, data));
        } else if (auto comment = dynamic_cast<Ogg::XiphComment *>(file->file->tag())) {
            replaceFrontCover(comment, frontCover(mimeType, data));
        } else if (auto mp4 = mp4Tag(file)) {
            replaceFrontCover(mp4, mimeType, data);
        } else if (auto id3v2 = id3v2Tag(file)) {
            replaceFrontCover(id3v2, mimeType, data);
        } else if (auto ape = apeTag(file)) {
            replaceFrontCover(ape, mimeType, data);
        } else {
            return HDM_TAG_UNSUPPORTED;
        }
        return HDM_TAG_OK;
    });
}

hdm_tag_status hdm_tag_save(hdm_tag_file *file) {
    return guarded([&] {
        auto mpeg = dynamic_cast<MPEG::File *>(file->file);
        const bool saved = mpeg != nullptr ? saveMPEG(mpeg) : file->file->save();
        return saved ? HDM_TAG_OK : HDM_TAG_CANNOT_SAVE;
    });
}
