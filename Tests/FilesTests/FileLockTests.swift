import Files
import Foundation
import TestSupport
import Testing

@Suite("A file lock")
struct FileLockTests {
    @Test
    func `excludes other owners of the same byte, in the same process as well`() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.path("locks")
            do {
                let lock = try FileLock.tryLock(bytes: [1, 7], of: path)
                let hasLock = lock != nil
                #expect(hasLock)
                let second = try FileLock.tryLock(bytes: [7], of: path)
                let hasSecond = second != nil
                #expect(!hasSecond)
                let other = try FileLock.tryLock(bytes: [2], of: path)
                let hasOther = other != nil
                #expect(hasOther)
                _ = consume lock
            }
            let afterwards = try FileLock.tryLock(bytes: [1, 7], of: path)
            let hasAfterwards = afterwards != nil
            #expect(hasAfterwards)
        }
    }
}
