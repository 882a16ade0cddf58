import CTagLib
import Foundation

/// One file that TagLib has opened. This is the only type that calls the C functions.
struct TagLibFile: ~Copyable {
    private let handle: OpaquePointer
    private let path: String
    private let codec: String?

    enum Access { case reading, writing }

    init(path: String, container: any AudioContainer, for access: Access) throws(AudioFileError) {
        var handle: OpaquePointer?
        let status = hdm_tag_open(path, container.tagLibExtension, access == .writing, &handle)
        guard status == HDM_TAG_OK, let handle else { throw AudioFileError(status, path) }
        self.handle = handle
        self.path = path
        codec = container.codec
    }

    deinit { hdm_tag_close(handle) }

    func properties() throws(AudioFileError) -> AudioProperties {
        var found = hdm_tag_properties()
        let status = hdm_tag_read_properties(handle, &found)
        guard status == HDM_TAG_OK else { throw AudioFileError(status, path) }
        let reported = String(cString: found.codec)
        return AudioProperties(
            codec: codec ?? (reported.isEmpty ? "unknown" : reported), durationMS: Int(found.duration_ms),
            bitrateKbps: found.bitrate_kbps > 0 ? Int(found.bitrate_kbps) : nil, sampleRate: Int(found.sample_rate),
            channels: Int(found.channels), bitDepth: found.bits_per_sample > 0 ? Int(found.bits_per_sample) : nil,
            isEncrypted: found.is_encrypted)
    }

    func tags() throws(AudioFileError) -> [String: [String]] {
        var pairs: UnsafeMutablePointer<hdm_tag_pair>?
        var count = 0
        let status = hdm_tag_read_pairs(handle, &pairs, &count)
        guard status == HDM_TAG_OK else { throw AudioFileError(status, path) }
        defer { hdm_tag_free_pairs(pairs, count) }
        var tags: [String: [String]] = [:]
        for pair in UnsafeBufferPointer(start: pairs, count: count) {
            tags[String(cString: pair.key), default: []].append(String(cString: pair.value))
        }
        return tags
    }

    /// Replaces the values of the given keys, removes the keys without values, and leaves all others.
    func replace(_ tags: [String: [String]]) throws(AudioFileError) {
        var texts: [(key: String, value: String?)] = []
        for (key, values) in tags {
            if values.isEmpty { texts.append((key, nil)) }
            for value in values { texts.append((key, value)) }
        }
        let pairs = texts.map { hdm_tag_pair(key: strdup($0.key), value: $0.value.flatMap { strdup($0) }) }
        defer { pairs.forEach(Self.free) }
        let status = hdm_tag_replace(handle, pairs, pairs.count)
        guard status == HDM_TAG_OK else { throw AudioFileError(status, path) }
    }

    var pictureCount: Int { Int(hdm_tag_picture_count(handle)) }

    func setFrontCover(_ image: [UInt8], mimeType: String) throws(AudioFileError) {
        let status = hdm_tag_set_front_cover(handle, mimeType, image, image.count)
        guard status == HDM_TAG_OK else { throw AudioFileError(status, path) }
    }

    func save() throws(AudioFileError) {
        let status = hdm_tag_save(handle)
        guard status == HDM_TAG_OK else { throw AudioFileError(status, path) }
    }

    private static func free(_ pair: hdm_tag_pair) {
        Foundation.free(pair.key)
        Foundation.free(pair.value)
    }
}

extension AudioFileError {
    fileprivate init(_ status: hdm_tag_status, _ path: String) {
        switch status {
        case HDM_TAG_CANNOT_OPEN:
            self.init(.unreadable, path, "the file cannot be opened; check its permissions and the disk")
        case HDM_TAG_INVALID: self.init(.damaged, path, "the content has the signature of audio and cannot be parsed")
        case HDM_TAG_UNSUPPORTED: self.init(.cannotWrite, path, "the format cannot store one of the tags")
        case HDM_TAG_CANNOT_SAVE:
            self.init(.cannotWrite, path, "the tags cannot be written; check that the file is writable")
        default: self.init(.damaged, path, "the content could not be processed")
        }
    }
}
