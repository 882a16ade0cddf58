import Files

extension AudioFile {
    /// Writes the given fields in place, leaves every other tag and all pictures, and makes the file durable.
    ///
    /// The file is changed in several steps, so it must be a copy: after an error or a crash it must be removed. When the
    /// call returns, the tags have been read back and the audio has been compared with the audio before.
    ///
    /// - Throws: ``AudioFileError``: `cannotWrite`, `audioChanged`, or an error of ``read(at:)``.
    public static func write(_ tags: AudioTags, to path: String) throws(AudioFileError) {
        let container = try recognisedFormat(at: path).container
        let before = try AudioState(of: path, container)
        let changes = try replace(tags, in: path, container)
        try synchronise(path)
        do throws(AudioFileError) {
            try confirm(changes, in: path, container)
            try before.confirm(path, container)
        } catch {
            throw cause(of: error, path)
        }
    }

    /// Embeds an image as the front cover, in place of an earlier one. The file must be a copy, as for
    /// ``write(_:to:)``.
    ///
    /// - Parameter mimeType: `image/jpeg` or `image/png`.
    public static func embedFrontCover(
        _ image: [UInt8], mimeType: String, in path: String
    ) throws(AudioFileError) {
        let container = try recognisedFormat(at: path).container
        let before = try AudioState(of: path, container)
        try embed(image, mimeType, in: path, container)
        try synchronise(path)
        do throws(AudioFileError) {
            try confirmPicture(in: path, container)
            try before.confirm(path, container)
        } catch {
            throw cause(of: error, path)
        }
    }

    private static func replace(
        _ tags: AudioTags, in path: String, _ container: any AudioContainer
    ) throws(AudioFileError) -> [String: [String]] {
        let file = try TagLibFile(path: path, container: container, for: .writing)
        let changes = tags.properties(container.numbering, over: AudioTags(properties: try file.tags()))
        try file.replace(changes)
        try file.save()
        return changes
    }

    private static func embed(
        _ image: [UInt8], _ mimeType: String, in path: String, _ container: any AudioContainer
    ) throws(AudioFileError) {
        let file = try TagLibFile(path: path, container: container, for: .writing)
        try file.setFrontCover(image, mimeType: mimeType)
        try file.save()
    }

    /// TagLib ignores the results of its writes, so a full disk shows only here and when the tags are read back.
    private static func synchronise(_ path: String) throws(AudioFileError) {
        do throws(FileError) {
            try OpenFile.reading(path, followLinks: true)?.synchronise()
        } catch {
            throw AudioFileError(error, path)
        }
    }

    private static func confirm(
        _ changes: [String: [String]], in path: String, _ container: any AudioContainer
    ) throws(AudioFileError) {
        let written = try TagLibFile(path: path, container: container, for: .reading).tags()
        for (key, values) in changes where (written[key] ?? []) != values {
            throw AudioFileError(
                .cannotWrite, path, "the tag \(key) differs after writing: the format cannot store its value")
        }
    }

    private static func confirmPicture(in path: String, _ container: any AudioContainer) throws(AudioFileError) {
        guard try TagLibFile(path: path, container: container, for: .reading).pictureCount > 0 else {
            throw AudioFileError(.cannotWrite, path, "the picture is not in the file after writing")
        }
    }

    /// The reason why a file differs from what was written. TagLib does not report a full disk.
    private static func cause(of error: AudioFileError, _ path: String) -> AudioFileError {
        if let free = DiskFolder(of: path).freeBytes, free < 64 * 1024 {
            return AudioFileError(.diskFull, path, "the volume is full: free some space")
        }
        guard [.damaged, .unrecognised].contains(error.code) else { return error }
        return AudioFileError(.cannotWrite, path, "the file cannot be read after writing: \(error.message)")
    }
}

/// The audio of a file and its completeness, which writing tags must not change.
private struct AudioState {
    let digest: AudioDigest
    let completeness: CheckOutcome

    init(of path: String, _ container: any AudioContainer) throws(AudioFileError) {
        digest = try AudioDigest.compute(at: path)
        completeness = try container.completeness(of: FileBytes(path: path)).outcome
    }

    func confirm(_ path: String, _ container: any AudioContainer) throws(AudioFileError) {
        let after = try AudioState(of: path, container)
        guard after.digest == digest, after.completeness == completeness else {
            throw AudioFileError(.audioChanged, path, "the audio is not the same after writing the tags")
        }
    }
}
