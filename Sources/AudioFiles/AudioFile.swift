import Foundation

/// What one audio file says about itself.
///
/// All functions block on the disk: call them on a thread that may.
public struct AudioFile: Sendable, Equatable {
    public var format: AudioFormat
    public var properties: AudioProperties
    public var tags: AudioTags
    /// How many pictures are embedded; `nil` where the format does not tell.
    public var pictureCount: Int?

    /// Reads a file, which is recognised by its content, whatever its name is.
    ///
    /// - Throws: ``AudioFileError``: `unrecognised`, `unsupportedFormat`, `damaged`, or that the file is out of reach.
    public static func read(at path: String) throws(AudioFileError) -> AudioFile {
        let format = try recognisedFormat(at: path)
        let file = try TagLibFile(path: path, format: format, for: .reading)
        let pictures = file.pictureCount
        return AudioFile(
            format: format, properties: try file.properties(), tags: AudioTags(properties: try file.tags()),
            pictureCount: pictures >= 0 ? pictures : nil)
    }

    /// Writes the given fields in place, keeps every other tag and all pictures, and makes the file durable.
    ///
    /// The file is changed step by step, so it must be a copy: after an error or a crash it is to be thrown away. When
    /// the call returns, the tags have been read back and the audio has been compared with what it was before.
    ///
    /// - Throws: ``AudioFileError``: `cannotWrite`, `audioChanged`, or what ``read(at:)`` throws.
    public static func write(_ tags: AudioTags, to path: String) throws(AudioFileError) {
        let format = try recognisedFormat(at: path)
        let before = try Condition(of: path, format)
        let changes = try replace(tags, in: path, format)
        try synchronise(path)
        do throws(AudioFileError) {
            try confirm(changes, in: path, format)
            try confirmAudio(before, at: path, format)
        } catch {
            throw cause(of: error, path)
        }
    }

    /// Embeds an image as the front cover, in place of an earlier one; as safe, and as unsafe, as ``write(_:to:)``.
    ///
    /// - Parameter mimeType: `image/jpeg` or `image/png`.
    public static func embedFrontCover(
        _ image: [UInt8], mimeType: String, in path: String
    ) throws(AudioFileError) {
        let format = try recognisedFormat(at: path)
        let before = try Condition(of: path, format)
        try embed(image, mimeType, in: path, format)
        try synchronise(path)
        do throws(AudioFileError) {
            try confirmPicture(in: path, format)
            try confirmAudio(before, at: path, format)
        } catch {
            throw cause(of: error, path)
        }
    }
}

extension AudioFile {
    private static func recognisedFormat(at path: String) throws(AudioFileError) -> AudioFormat {
        switch try AudioContent.detect(at: path) {
        case .audio(let format): return format
        case .unsupported(let name): throw AudioFileError(.unsupportedFormat, path, "\(name) cannot be tagged")
        case .unrecognised: throw AudioFileError(.unrecognised, path, "the content is not audio")
        case .empty: throw AudioFileError(.unrecognised, path, "the file is empty")
        }
    }

    private static func replace(
        _ tags: AudioTags, in path: String, _ format: AudioFormat
    ) throws(AudioFileError) -> [String: [String]] {
        let file = try TagLibFile(path: path, format: format, for: .writing)
        let changes = tags.properties(for: format, over: AudioTags(properties: try file.tags()))
        try file.replace(changes)
        try file.save()
        return changes
    }

    private static func embed(
        _ image: [UInt8], _ mimeType: String, in path: String, _ format: AudioFormat
    ) throws(AudioFileError) {
        let file = try TagLibFile(path: path, format: format, for: .writing)
        try file.setFrontCover(image, mimeType: mimeType)
        try file.save()
    }

    /// TagLib does not look at the results of its writes, so a full disk shows only here and in what is read back.
    private static func synchronise(_ path: String) throws(AudioFileError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw AudioFileError(errno: errno, path) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw AudioFileError(errno: errno, path) }
    }

    private static func confirm(
        _ changes: [String: [String]], in path: String, _ format: AudioFormat
    ) throws(AudioFileError) {
        let written = try TagLibFile(path: path, format: format, for: .reading).tags()
        for (key, values) in changes where (written[key] ?? []) != values {
            throw AudioFileError(
                .cannotWrite, path, "the tag \(key) reads differently after writing: the format cannot hold its value")
        }
    }

    private static func confirmPicture(in path: String, _ format: AudioFormat) throws(AudioFileError) {
        guard try TagLibFile(path: path, format: format, for: .reading).pictureCount > 0 else {
            throw AudioFileError(.cannotWrite, path, "the picture is not in the file after writing")
        }
    }

    /// Why a file is not what was written: a full disk, when there is no room, since TagLib does not tell.
    private static func cause(of error: AudioFileError, _ path: String) -> AudioFileError {
        var disk = statvfs()
        if statvfs(path, &disk) == 0, UInt64(disk.f_bavail) * UInt64(disk.f_frsize) < 64 * 1024 {
            return AudioFileError(errno: ENOSPC, path)
        }
        guard [.damaged, .unrecognised].contains(error.code) else { return error }
        return AudioFileError(.cannotWrite, path, "the file cannot be read after writing: \(error.message)")
    }

    /// The audio of a file, and whether all of it can be found: what tags must not change.
    private struct Condition {
        let digest: AudioDigest
        let completeness: AudioVerification.Outcome

        init(of path: String, _ format: AudioFormat) throws(AudioFileError) {
            digest = try AudioDigest.compute(at: path)
            completeness = try Completeness(of: FileBytes(path: path), format).outcome
        }
    }

    private static func confirmAudio(
        _ before: Condition, at path: String, _ format: AudioFormat
    ) throws(AudioFileError) {
        let after = try Condition(of: path, format)
        guard after.digest == before.digest, after.completeness == before.completeness else {
            throw AudioFileError(.audioChanged, path, "the audio is not the same after writing the tags")
        }
    }
}
