import AudioFiles
import Contracts
import Foundation
import ServiceKit

/// What came of tagging a file.
enum TagResult: Sendable, Equatable {
    /// The copy is there. `isNew` is false when an earlier run had made it.
    case tagged(TagSection, isNew: Bool)
    /// The fetched file is not there, or not the one that was fetched.
    case sourceMissing
}

/// One attempt to verify and tag the file of one job. Blocks.
///
/// The copy gets its name, `tagged.<extension>`, in one step when it is whole; the fetched file is never written to.
struct TagRun: Sendable {
    let job: JobDocument
    let staging: StagingArea
    var isCancelled: @Sendable () -> Bool = { false }
    var progress: @Sendable (_ done: Int64, _ total: Int64) -> Void = { _, _ in }
    /// Called before the copy gets its name; tests stop the run here.
    var beforeNaming: @Sendable () throws -> Void = {}

    /// - Throws: ``JobError``, and what `beforeNaming` throws.
    func run() throws -> TagResult {
        guard let download = job.download else {
            throw JobError(.invalidPayload, "the job names no fetched file; it has not been through the download stage")
        }
        let source = try staging.resolve(download.path, of: job.jobID).path
        guard try CopiedFile.isThere(source, size: download.size) else { return .sourceMissing }
        do {
            return try tag(source, download)
        } catch let error as AudioFileError {
            if error.code == .notFound { return .sourceMissing }
            throw JobError(error)
        } catch let error as JobError where [.verificationFailed, .unsupportedFormat].contains(error.code) {
            // What was damaged here is nobody's lie: it is fetched once more.
            guard try CopiedFile.holds(source, download.sha256, isCancelled) else { return .sourceMissing }
            throw error
        }
    }

    private func tag(_ source: String, _ download: DownloadSection) throws -> TagResult {
        let findings = try SourceVerification(
            source, track: job.wanted, announced: job.fetchedFromPeer?.durationMS)
        let target = staging.path(of: "tagged.\(findings.fileExtension)", job: job.jobID)
        let section = TagSection(
            path: target, codec: findings.properties.codec, bitrateKbps: findings.properties.bitrateKbps,
            durationMS: findings.properties.durationMS, verification: findings.evidence)
        let tags = WantedTags(job.wanted, over: findings.tags).tags
        let path = try staging.resolve(target, of: job.jobID).path
        if isTagged(path, tags, findings.audio) { return .tagged(section, isNew: false) }
        guard try makeCopy(of: source, download, at: path, tags, findings.audio) else { return .sourceMissing }
        return .tagged(section, isNew: true)
    }

    /// Whether an earlier run for the same fetched file came as far as the name.
    private func isTagged(_ path: String, _ tags: AudioTags, _ audio: AudioDigest) -> Bool {
        guard let present = try? AudioFile.read(at: path).tags, WantedTags.isHeld(tags, in: present) else {
            return false
        }
        return (try? AudioDigest.compute(at: path)) == audio
    }

    /// - Returns: `false` when the source is not what was fetched.
    private func makeCopy(
        of source: String, _ download: DownloadSection, at target: String, _ tags: AudioTags, _ audio: AudioDigest
    ) throws -> Bool {
        let copy = CopiedFile(path: "\(target.folder)/.tagging-\(UUID().uuidString).\(target.fileExtension)")
        do {
            let sha256 = try copy.fill(from: source, isCancelled, progress)
            guard download.sha256.map({ $0.lowercased() == sha256 }) ?? true else {
                try copy.remove()
                return false
            }
            try AudioFile.write(tags, to: copy.path)
            guard try AudioDigest.compute(at: copy.path) == audio else {
                throw JobError(.internalError, "the audio of the tagged copy is not the fetched one")
            }
        } catch {
            try copy.remove()
            throw error
        }
        try beforeNaming()
        try copy.rename(to: target)
        return true
    }
}

extension String {
    fileprivate var folder: Substring { lastIndex(of: "/").map { self[..<$0] } ?? "." }
    fileprivate var fileExtension: Substring { lastIndex(of: ".").map { self[index(after: $0)...] } ?? "" }
}

extension JobError {
    /// What a failure with an audio file means for its job.
    init(_ error: AudioFileError) {
        let code: ErrorCode =
            switch error.code {
            case .permissionDenied: .permissionDenied
            case .diskFull: .diskFull
            case .unsupportedFormat: .unsupportedFormat
            case .unrecognised, .damaged, .audioChanged: .verificationFailed
            default: .internalError
            }
        self.init(code, error.message)
    }
}
