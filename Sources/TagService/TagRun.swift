import AudioFiles
import Contracts
import Files
import ServiceKit

/// The result of tagging a file.
enum TagResult: Sendable, Equatable {
    /// The tagged copy exists. `isNew` is false when an earlier run made it.
    case tagged(TagSection, isNew: Bool)
    /// The downloaded file does not exist, or is not the file that was downloaded.
    case sourceMissing
    /// The file has not the wanted duration, which is no fault of its peer.
    case otherDuration(JobError)
}

/// One attempt to verify and tag the file of one job. Blocks.
///
/// The complete copy gets its name, `tagged.<extension>`, in one step. The downloaded file is never changed.
struct TagRun: Sendable {
    let job: JobDocument
    let staging: StagingArea
    var isCancelled: @Sendable () -> Bool = { false }
    var progress: @Sendable (_ done: Int64, _ total: Int64) -> Void = { _, _ in }
    /// Called before the copy gets its name. Tests end the run here.
    var beforeNaming: @Sendable () throws -> Void = {}

    /// - Throws: ``JobError``, `CancellationError`, and the errors of `beforeNaming`.
    func run() throws -> TagResult {
        guard let download = job.download else {
            throw JobError(
                .invalidPayload, "the job names no downloaded file; it has not been through the download stage")
        }
        let source = try staging.resolve(download.path, of: job.jobID).path
        do {
            let status = try FileStatus.read(source)
            guard status?.kind == .file, status?.size == download.size else { return .sourceMissing }
            return try tag(source, download)
        } catch let error as FileError {
            throw JobError(error)
        } catch let error as AudioFileError {
            if error.code == .notFound { return .sourceMissing }
            throw JobError(error)
        }
    }

    private func tag(_ source: String, _ download: DownloadSection) throws -> TagResult {
        let verification: SourceVerification
        do {
            verification = try SourceVerification(
                source, wantedMS: job.isDownloadApproved ? nil : job.wanted.durationMS,
                announcedMS: job.fetchedFromPeer?.durationMS)
        } catch let other as OtherDuration {
            return try isUnchanged(source, download.sha256) ? .otherDuration(other.error) : .sourceMissing
        } catch let error as JobError where [.verificationFailed, .unsupportedFormat].contains(error.code) {
            // A file that was damaged after its download is downloaded again; its peer is not blamed.
            guard try isUnchanged(source, download.sha256) else { return .sourceMissing }
            throw error
        }
        return try makeCopy(of: source, download, verification)
    }

    private func makeCopy(
        of source: String, _ download: DownloadSection, _ verification: SourceVerification
    ) throws -> TagResult {
        let target = staging.path(of: "tagged.\(verification.fileExtension)", job: job.jobID)
        let properties = verification.properties
        let section = TagSection(
            path: target, codec: properties.codec, bitrateKbps: properties.bitrateKbps,
            durationMS: properties.durationMS, verification: verification.evidence)
        let tags = WantedTags(job.wanted, over: verification.tags).tags
        let path = try staging.resolve(target, of: job.jobID).path
        if isTagged(path, tags, verification.audio) { return .tagged(section, isNew: false) }
        guard try makeCopy(of: source, download, at: path, tags, verification.audio) else { return .sourceMissing }
        return .tagged(section, isNew: true)
    }

    /// - Returns: `false` when the source does not exist or is not what was downloaded.
    private func makeCopy(
        of source: String, _ download: DownloadSection, at target: String, _ tags: AudioTags, _ audio: AudioDigest
    ) throws -> Bool {
        let copy = DraftCopy(for: target)
        do {
            let sha256 = try copy.fill(from: source, isCancelled, progress)
            guard let sha256, download.sha256.map({ $0.lowercased() == sha256 }) ?? true else {
                try copy.remove()
                return false
            }
            try AudioFile.write(tags, to: copy.path)
            guard try AudioDigest.compute(at: copy.path) == audio else {
                throw JobError(.internalError, "the audio of the tagged copy differs from the downloaded file")
            }
        } catch {
            try copy.remove()
            throw error
        }
        try beforeNaming()
        try copy.rename(to: target)
        return true
    }

    /// Whether an earlier run completed the copy for the same downloaded file.
    private func isTagged(_ path: String, _ tags: AudioTags, _ audio: AudioDigest) -> Bool {
        guard let present = try? AudioFile.read(at: path).tags, WantedTags.areIn(present, tags) else {
            return false
        }
        return (try? AudioDigest.compute(at: path)) == audio
    }

    /// Whether the file has the recorded SHA-256. Without one, there is nothing to compare.
    private func isUnchanged(_ path: String, _ sha256: String?) throws -> Bool {
        guard let sha256 else { return true }
        guard let file = try OpenFile.reading(path) else { return false }
        let content = try file.content { _ in if isCancelled() { throw CancellationError() } }
        return content.sha256 == sha256.lowercased()
    }
}

extension JobError {
    /// The failure of a job because an audio file could not be read or tagged.
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
