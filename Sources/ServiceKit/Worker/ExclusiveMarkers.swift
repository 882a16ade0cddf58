import Contracts
import Files
import Foundation

/// Small files that are created once, each with the name of its claimant: the first claimant gets it, and only that one
/// gets it again. All functions block.
struct ExclusiveMarkers: Sendable {
    /// The longest claimant, in bytes.
    private static let longestClaimant = 512
    private static let largestMarker = 64 << 10

    let folder: String

    /// - Parameter name: of the folder below `<downloads>/.harmony`.
    init(_ name: String, _ staging: StagingArea) {
        folder = staging.downloads.appending(path: ".harmony/\(name)").path
    }

    /// Creates a marker, durably.
    /// - Parameter note: further content, for the claimant.
    /// - Returns: `false` when another claimant has it.
    func claim(_ name: String, for claimant: String, note: String = "") throws(JobError) -> Bool {
        do {
            try DiskFolder(folder).make()
            if try file(name).create(Array((line(claimant) + note).utf8)) { return true }
        } catch {
            throw JobError(error)
        }
        return try read(name)?.claimant == line(claimant)
    }

    /// Passes a marker to another claimant, durably. Nothing happens if the first one does not have it.
    func pass(_ name: String, from claimant: String, to other: String) throws(JobError) {
        guard try exists(name), let marker = try read(name), marker.claimant == line(claimant) else { return }
        do {
            try file(name).replace(Array((line(other) + marker.note).utf8))
        } catch {
            throw JobError(error)
        }
    }

    /// Returns the note of a marker, and whether a claimant has it; `nil` when the marker does not exist.
    func note(of name: String, claimant: String) throws(JobError) -> (isOwn: Bool, note: String)? {
        guard try exists(name), let marker = try read(name) else { return nil }
        return (marker.claimant == line(claimant), marker.note)
    }

    /// Whether a marker exists.
    func exists(_ name: String) throws(JobError) -> Bool {
        do {
            return try FileStatus.read(file(name).path) != nil
        } catch {
            throw JobError(error)
        }
    }

    private func read(_ name: String) throws(JobError) -> (claimant: String, note: String)? {
        let bytes: [UInt8]?
        do {
            bytes = try file(name).read(limit: Self.largestMarker)
        } catch {
            throw JobError(error)
        }
        guard let text = bytes.map({ String(decoding: $0, as: UTF8.self) }) else { return nil }
        let end = text.firstIndex(of: "\n").map { text.index(after: $0) } ?? text.endIndex
        return (String(text[..<end]), String(text[end...]))
    }

    /// The first line of a marker.
    private func line(_ claimant: String) -> String {
        claimant.prefix(utf8: Self.longestClaimant).replacing("\n", with: " ") + "\n"
    }

    private func file(_ name: String) -> SmallFile { SmallFile("\(folder)/\(name)") }
}
