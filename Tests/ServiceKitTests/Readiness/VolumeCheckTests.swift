import Foundation
import ServiceKit
import TestSupport
import Testing

struct VolumeCheckTests {
    @Test func `The check of a writable folder passes and leaves no file`() async throws {
        try await withTemporaryFolder { folder in
            #expect(await VolumeCheck(folder.url).run() == .ok)
            let left = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            #expect(left.isEmpty)
        }
    }

    @Test func `The check names a folder that is missing, a file, or not writable`() async throws {
        try await withTemporaryFolder { folder in
            try Data().write(to: folder.file("file"))
            for path in [folder.path("missing"), folder.path("file"), "/proc/self"] {
                guard case .failing(let reason) = await VolumeCheck(URL(filePath: path)).run() else {
                    Issue.record("\(path) is said to be fine")
                    continue
                }
                #expect(reason.hasPrefix("\(path) cannot be written by user \(geteuid()): "))
            }
            #expect(!FileManager.default.fileExists(atPath: folder.path("missing")))
        }
    }
}
