import Files
import Foundation
import ServiceKit

/// A readiness check of the music folder: gives a file a name in the same way as moves do.
struct MusicVolumeCheck: Sendable {
    let folder: URL

    func run() async -> CheckResult {
        do {
            return try await BlockingPool.readiness.run { Self.probe(folder.path(percentEncoded: false)) }
        } catch {
            return .failing("the check could not run: \(error)")
        }
    }

    /// Writes a small file durably, gives it a name without replacing, and removes it. Blocks.
    static func probe(_ folder: String) -> CheckResult {
        let draft = "\(DiskFolder(folder).path)/.hdm-probe-\(UUID().uuidString)"
        let target = draft + "-named"
        defer { for path in [draft, target] { try? OpenFile.remove(path) } }
        do throws(FileError) {
            let file = try OpenFile.creating(draft)
            try file.append(Array("hdm".utf8))
            try file.synchronise()
            _ = try file.name(target)
            return .ok
        } catch {
            guard error.code != .unsupported else {
                return .failing(
                    "the file system of \(folder) can neither link nor rename without replacing; mount another one")
            }
            return .failing("\(error); check that the volume is mounted, who owns it, and that it has space")
        }
    }
}
