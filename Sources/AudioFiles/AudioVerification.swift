/// What was found out about whether a file is whole, playable audio: evidence, by check.
///
/// The structure is checked, nothing is decoded: damage within the audio data of a whole file can go unseen.
public struct AudioVerification: Sendable, Equatable {
    public enum Outcome: String, Sendable {
        case passed, failed
        /// The file does not hold what would decide it.
        case unknown
    }

    public struct Check: Sendable, Equatable {
        public let name: String
        public let outcome: Outcome
        /// What was seen, for a person.
        public let reason: String

        public init(_ name: String, _ outcome: Outcome, _ reason: String) {
            self.name = name
            self.outcome = outcome
            self.reason = reason
        }
    }

    /// In the order in which they were made: `recognised`, `extension`, `opened`, `duration`, `playable`, `complete`.
    /// A check that an earlier failure makes pointless is absent.
    public let checks: [Check]
    public let format: AudioFormat?
    public let properties: AudioProperties?

    /// Nothing speaks against the file, the name apart: `extension` alone is no reason to refuse it.
    public var isSound: Bool { failures.allSatisfy { $0.name == "extension" } }

    public var failures: [Check] { checks.filter { $0.outcome == .failed } }

    /// The checks by name, such as `"complete": "failed: the last frame is cut"`.
    public var evidence: [String: String] {
        Dictionary(checks.map { ($0.name, "\($0.outcome.rawValue): \($0.reason)") }) { first, _ in first }
    }
}

extension AudioVerification {
    /// Examines a file; blocks on the disk, reads at most the whole file, in pieces of bounded size.
    ///
    /// - Throws: ``AudioFileError`` only when the file cannot be read; whatever is wrong with its content is evidence.
    public static func examine(_ path: String) throws(AudioFileError) -> AudioVerification {
        let file = try FileBytes(path: path)
        let content = try AudioContent.detect(in: file)
        guard case .audio(let format) = content else {
            return AudioVerification(checks: [unrecognised(content)], format: nil, properties: nil)
        }
        var checks = [Check("recognised", .passed, "the content is \(format.rawValue)"), named(path, as: format)]
        let properties: AudioProperties?
        do throws(AudioFileError) {
            properties = try AudioFile.read(at: path).properties
            checks.append(Check("opened", .passed, "tags and properties can be read"))
        } catch {
            guard error.code == .damaged else { throw error }
            properties = nil
            checks.append(Check("opened", .failed, error.message))
        }
        if let properties {
            checks.append(duration(properties, format, payload: try AudioPayload(of: file, format).byteCount))
            checks.append(playable(properties))
        }
        let completeness = try Completeness(of: file, format)
        checks.append(Check("complete", completeness.outcome, completeness.reason))
        return AudioVerification(checks: checks, format: format, properties: properties)
    }

    private static func unrecognised(_ content: AudioContent) -> Check {
        switch content {
        case .empty: Check("recognised", .failed, "the file is empty")
        case .unsupported(let name): Check("recognised", .failed, "the content is \(name), which is not supported")
        case .audio, .unrecognised: Check("recognised", .failed, "the content is not audio")
        }
    }

    private static func named(_ path: String, as format: AudioFormat) -> Check {
        let name = path.split(separator: "/").last ?? ""
        guard let dot = name.lastIndex(of: ".") else { return Check("extension", .unknown, "the name has none") }
        let suffix = name[name.index(after: dot)...].lowercased()
        return format.fileExtensions.contains(suffix)
            ? Check("extension", .passed, "\(suffix) fits \(format.rawValue)")
            : Check("extension", .failed, "\(suffix.prefix(16)) does not fit \(format.rawValue)")
    }

    private static func duration(_ properties: AudioProperties, _ format: AudioFormat, payload: Int64) -> Check {
        guard properties.durationMS > 0 else {
            // An encoder that could not go back to the header left it open.
            let mayBeOpen = format == .flac || format == .oggFLAC
            return Check("duration", mayBeOpen ? .unknown : .failed, "the header states no duration")
        }
        let kbps = Double(payload) * 8 / Double(properties.durationMS)
        // From the silence of a lossless codec to eight channels at 192 kHz and 32 bits.
        guard (0.2...50_000).contains(kbps) else {
            return Check("duration", .failed, "\(properties.durationMS) ms do not fit \(payload) bytes of audio")
        }
        return Check("duration", .passed, "\(properties.durationMS) ms")
    }

    private static func playable(_ properties: AudioProperties) -> Check {
        if properties.isEncrypted { return Check("playable", .failed, "the audio is encrypted") }
        return properties.codec == "unknown"
            ? Check("playable", .unknown, "the codec is not known") : Check("playable", .passed, properties.codec)
    }
}

/// Whether a file has all of its audio, from its beginning to its end.
struct Completeness {
    let outcome: AudioVerification.Outcome
    let reason: String

    init(of file: FileBytes, _ format: AudioFormat) throws(AudioFileError) {
        switch format {
        case .flac: self = try .flac(file)
        case .mpeg: self = try .mpeg(file)
        case .mp4: self = try .mp4(file)
        case .oggVorbis, .oggOpus, .oggFLAC: self = try .ogg(file)
        case .wav: self = try .riff(file, order: .littleEndian, audio: "data")
        case .aiff: self = try .riff(file, order: .bigEndian, audio: "SSND")
        case .ape: self = try .ape(file)
        case .wavPack: self = try .wavPack(file)
        }
    }

    private init(outcome: AudioVerification.Outcome, reason: String) {
        self.outcome = outcome
        self.reason = reason
    }

    static func passed(_ reason: String) -> Completeness { Completeness(outcome: .passed, reason: reason) }
    static func failed(_ reason: String) -> Completeness { Completeness(outcome: .failed, reason: reason) }
    static func unknown(_ reason: String) -> Completeness { Completeness(outcome: .unknown, reason: reason) }
}
