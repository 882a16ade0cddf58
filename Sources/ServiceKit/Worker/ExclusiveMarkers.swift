import Contracts
import Files
import Foundation

/// Small files that are created once, each with the name of its claimant: the first claimant gets it, and only that one
/// gets it again. All functions block.
struct ExclusiveMarkers: Sendable {
    /// The longest claimant, in bytes.
    private static let longestClaimant = 512

    let folder: String

    /// - Parameter name: of the folder below `<downloads>/.harmony`.
    init(_ name: String, _ staging: StagingArea) {
        folder = staging.downloads.appending(path: ".harmony/\(name)").path
    }

    /// Creates a marker, durably.
    /// - Returns: `false` when another claimant has it.
    func claim(_ name: String, for claimant: String) throws(JobError) -> Bool {
        let content = content(claimant)
        do {
            try DiskFolder(folder).make()
            if try file(name).create(content) { return true }
            return try file(name).read(limit: 2 * Self.longestClaimant) == content
        } catch {
            throw JobError(error)
        }
    }

    /// Whether a marker exists.
    func exists(_ name: String) throws(JobError) -> Bool {
        do {
            return try FileStatus.read(file(name).path) != nil
        } catch {
            throw JobError(error)
        }
    }

    /// Whether a marker exists that another claimant has.
    func isClaimed(_ name: String, byOtherThan claimant: String) throws(JobError) -> Bool {
        guard try exists(name) else { return false }
        do {
            return try file(name).read(limit: 2 * Self.longestClaimant).map { $0 != content(claimant) } ?? false
        } catch {
            throw JobError(error)
        }
    }

    private func content(_ claimant: String) -> [UInt8] {
        Array("\(claimant.prefix(utf8: Self.longestClaimant))\n".utf8)
    }

    private func file(_ name: String) -> SmallFile { SmallFile("\(folder)/\(name)") }
}
