/// The result of checking whether a file is complete, playable audio: evidence, by check.
///
/// The structure is checked and nothing is decoded, so damage within the audio data of a complete file can stay unnoticed.
public struct AudioVerification: Sendable, Equatable {
    public typealias Outcome = CheckOutcome

    public struct Check: Sendable, Equatable {
        public let name: String
        public let outcome: Outcome
        /// The observation, for a person.
        public let reason: String

        public init(_ name: String, _ outcome: Outcome, _ reason: String) {
            self.name = name
            self.outcome = outcome
            self.reason = reason
        }
    }

    /// In their order: `recognised`, `extension`, `opened`, `duration`, `playable`, `complete`. A check that an earlier
    /// failure makes impossible is absent.
    public let checks: [Check]
    public let format: AudioFormat?
    public let properties: AudioProperties?

    /// Whether no check failed, except for `extension`: a wrong extension is no reason to refuse a file.
    public var isSound: Bool { failures.allSatisfy { $0.name == "extension" } }

    public var failures: [Check] { checks.filter { $0.outcome == .failed } }

    /// The checks by name, such as `"complete": "failed: the last frame is cut"`.
    public var evidence: [String: String] {
        Dictionary(checks.map { ($0.name, "\($0.outcome.rawValue): \($0.reason)") }) { first, _ in first }
    }
}

extension AudioVerification {
    /// Examines a file. Reads at most the whole file, in pieces of bounded size. Blocks on the disk.
    ///
    /// - Throws: ``AudioFileError`` only when the file cannot be read. Faults of its content are evidence.
    public static func examine(_ path: String) throws(AudioFileError) -> AudioVerification {
        let file = try FileBytes(path: path)
        let content = try AudioContent.detect(in: file)
        guard case .audio(let format) = content else {
            return AudioVerification(checks: [unrecognised(content)], format: nil, properties: nil)
        }
        var checks = [Check("recognised", .passed, "the content is \(format.name)"), named(path, as: format)]
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
            checks.append(duration(properties, format, payload: try format.container.payload(of: file).byteCount))
            checks.append(playable(properties))
        }
        let completeness = try format.container.completeness(of: file)
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
        guard let dot = name.lastIndex(of: ".") else {
            return Check("extension", .unknown, "the name has no extension")
        }
        let suffix = name[name.index(after: dot)...].lowercased()
        return format.fileExtensions.contains(suffix)
            ? Check("extension", .passed, "\(suffix) fits \(format.name)")
            : Check("extension", .failed, "\(suffix.prefix(16)) does not fit \(format.name)")
    }

    private static func duration(_ properties: AudioProperties, _ format: AudioFormat, payload: Int64) -> Check {
        guard properties.durationMS > 0 else {
            return Check(
                "duration", format.container.mayLackDuration ? .unknown : .failed, "the header states no duration")
        }
        let kbps = Double(payload) * 8 / Double(properties.durationMS)
        // From silence in a lossless codec to eight channels at 192 kHz and 32 bits.
        guard (0.2...50_000).contains(kbps) else {
            return Check("duration", .failed, "\(properties.durationMS) ms do not fit \(payload) bytes of audio")
        }
        return Check("duration", .passed, "\(properties.durationMS) ms")
    }

    private static func playable(_ properties: AudioProperties) -> Check {
        if properties.isEncrypted { return Check("playable", .failed, "the audio is encrypted") }
        return properties.codec == "unknown"
            ? Check("playable", .unknown, "the codec is unknown") : Check("playable", .passed, properties.codec)
    }
}
