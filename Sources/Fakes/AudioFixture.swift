public import AudioFiles
public import Foundation

/// Short real audio files, one per format; no two have the same audio.
public enum AudioFixture: String, CaseIterable, Sendable {
    case flac, mp3, aac, alac, vorbis, opus

    /// The untagged original, not to be changed.
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

    /// Milliseconds, give or take the padding of the codec.
    public var durationMS: Int {
        switch self {
        case .flac, .mp3, .aac: 2000
        case .alac: 1500
        case .vorbis: 2500
        case .opus: 3000
        }
    }

    /// Copies the file to `directory/name` and tags the copy; makes missing folders, never replaces a file.
    ///
    /// - Parameter name: With folders, if wanted; the extension is added when it has none.
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
