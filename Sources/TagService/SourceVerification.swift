import AudioFiles
import Contracts

/// The file is another recording than the wanted one, but its peer announced nothing else.
struct OtherDuration: Error {
    let error: JobError
}

/// The properties of a downloaded file that passed verification.
struct SourceVerification: Sendable {
    let properties: AudioProperties
    /// The tags of the downloaded file.
    let tags: AudioTags
    /// The extension for the tagged copy: that of the downloaded file if it fits the content, else that of the format.
    let fileExtension: String
    let audio: AudioDigest
    /// The checks by name, for the job document.
    let evidence: [String: JSONValue]

    /// Verifies a file. Blocks on the disk.
    ///
    /// - Parameters:
    ///   - wantedMS: the duration of the wanted recording in milliseconds; `nil` if it is unknown, or if a person approved
    ///     the file.
    ///   - announcedMS: the duration that the source announced. It is used without a wanted one.
    /// - Throws: ``JobError`` `.verificationFailed` or `.unsupportedFormat`; `AudioFileError` when it cannot be read.
    init(_ path: String, wantedMS: Int?, announcedMS: Int? = nil) throws {
        let verification = try AudioVerification.examine(path)
        guard let format = verification.format else { throw try Self.refusal(of: path) }
        guard verification.isSound, let properties = verification.properties else {
            let reasons = verification.failures.filter { $0.name != "extension" }.map(\.reason)
            throw JobError(
                .verificationFailed, "the file is not complete, playable audio: \(reasons.joined(separator: "; "))")
        }
        let duration = try Self.compare(properties.durationMS, wantedMS, announcedMS)
        audio = try AudioDigest.compute(at: path)
        tags = try AudioFile.read(at: path).tags
        fileExtension = Self.fileExtension(path, format)
        self.properties = properties
        var evidence = verification.evidence.mapValues { JSONValue.string($0) }
        evidence["length"] = .string(duration)
        evidence["audio_sha256"] = .string(audio.description)
        self.evidence = evidence
    }

    private static func compare(
        _ actual: Int, _ wanted: Int?, _ announced: Int?
    ) throws -> String {
        let expected = [(wanted, "wanted", DurationTolerance.possibleRecording), (announced, "announced", .announced)]
            .lazy.compactMap { length, name, tolerance in
                length.flatMap { $0 > 0 ? (length: $0, name: name, tolerance: tolerance) : nil }
            }.first
        guard let expected else { return "unknown: the wanted length is unknown" }
        let difference = DurationTolerance.difference(actual, expected.length)
        guard expected.tolerance.accepts(actual, for: expected.length) else {
            let error = JobError(
                .verificationFailed,
                "the file is \(seconds(actual)) long and \(seconds(expected.length)) were \(expected.name): another "
                    + "recording")
            let isAsAnnounced = announced.map { DurationTolerance.announced.accepts(actual, for: $0) } ?? true
            if isAsAnnounced { throw OtherDuration(error: error) }
            throw error
        }
        return "passed: \(difference) ms from the \(expected.name) length"
    }

    private static func seconds(_ milliseconds: Int) -> String { "\((milliseconds + 500) / 1000) s" }

    private static func refusal(of path: String) throws -> JobError {
        switch try AudioContent.detect(at: path) {
        case .unsupported(let name): JobError(.unsupportedFormat, "the content is \(name), which cannot be tagged")
        case .empty: JobError(.verificationFailed, "the file is empty")
        case .audio, .unrecognised: JobError(.verificationFailed, "the content is not audio")
        }
    }

    private static func fileExtension(_ path: String, _ format: AudioFormat) -> String {
        let name = path.split(separator: "/").last ?? ""
        let suffix = name.lastIndex(of: ".").map { name[name.index(after: $0)...].lowercased() } ?? ""
        return format.fileExtensions.contains(suffix) ? suffix : format.fileExtensions.first ?? suffix
    }
}
