public import AudioFiles
public import Foundation

/// Short audio files, one for each format. Their audio differs.
public enum AudioFixture: String, CaseIterable, Sendable {
    case flac, mp3, aac, alac, vorbis, opus

    /// The original file without tags. Tests must not change it.
    public var url: URL { Self.folder.appending(path: resourceName) }

    public var fileExtension: String {
        switch self {
        case .flac: "flac"
        case .mp3: "mp3"
        case .aac, .alac: "m4a"
        case .vorbis: "ogg"
        case .opus: "opus"
        }
    }

    /// The duration in milliseconds, without the padding of the codec.
    public var durationMS: Int {
        switch self {
        case .flac, .mp3, .aac: 2000
        case .alac: 1500
        case .vorbis: 2500
        case .opus: 3000
        }
    }

    /// Copies the file to `directory/name` and writes tags to the copy. Creates missing folders and never replaces a
    /// file.
    ///
    /// - Parameter name: The name, optionally with folders. A missing extension is added.
    @discardableResult
    public func copy(
        to directory: URL, named name: String = "tone", tags: AudioTags = AudioTags()
    ) throws -> URL {
        var copy = directory.appending(path: name)
        if !AudioFormat.allFileExtensions.contains(copy.pathExtension.lowercased()) {
            copy = directory.appending(path: "\(name).\(fileExtension)")
        }
        try FileManager.default.createDirectory(
            at: copy.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(contentsOf: url).write(to: copy, options: .withoutOverwriting)
        if !tags.isEmpty { try AudioFile.write(tags, to: copy.path(percentEncoded: false)) }
        return copy
    }

    private var resourceName: String {
        switch self {
        case .aac, .alac: "tone-\(rawValue).m4a"
        default: "tone.\(fileExtension)"
        }
    }

    private static let folder = Bundle.module.bundleURL.appending(path: "Audio")
}
