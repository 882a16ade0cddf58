import CFileMove
import Foundation
import NIOPosix
import ServiceKit

/// Whether the music folder takes new files, tried by naming one the way moves do.
struct MusicVolumeCheck: Sendable {
    let folder: URL

    func run() async -> CheckResult {
        do {
            return try await NIOThreadPool.singleton.runIfActive { Self.probe(folder.plainPath) }
        } catch {
            return .failing("the check could not run: \(error)")
        }
    }

    /// Writes a small file durably, gives it its name without replacing, and removes it. Blocks.
    static func probe(_ folder: String) -> CheckResult {
        let first = "\(folder)/.hdm-probe-\(UUID().uuidString)"
        let second = first + "-named"
        defer { for path in [first, second] { unlink(path) } }
        do throws(FileError) {
            let file = try OpenFile.creating(first)
            try write(to: file)
            guard link(first, second) != 0 else { return .ok }
            guard FileError.meansNoHardLinks(errno) else { throw FileError("link in", folder) }
        } catch {
            return .failing("\(error); check that the volume is mounted, who owns it, and that it has space")
        }
        guard hdm_rename_exclusive(first, second) == 0 else {
            return .failing(
                "the file system of \(folder) can neither link nor rename without replacing; mount another one")
        }
        return .ok
    }

    private static func write(to file: borrowing OpenFile) throws(FileError) {
        let count = Foundation.write(file.descriptor, "hdm", 3)
        guard count == 3 else { throw FileError("write to", file.path) }
        try file.synchronise()
    }
}
