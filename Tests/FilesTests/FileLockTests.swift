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

    @Test
    func `of a whole file lets one owner work at a time`() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.path("lock")
            let pool = BlockingPool(name: "test", threads: 4)
            let counter = SmallFile(folder.path("counter"))
            try counter.replace(Array("0".utf8))
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<40 {
                    group.addTask {
                        try await pool.run {
                            let lock = try FileLock.wait(for: path)
                            let value = Int(String(decoding: try counter.read() ?? [], as: UTF8.self)) ?? -1
                            try counter.replace(Array("\(value + 1)".utf8))
                            _ = consume lock
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try counter.read() == Array("40".utf8))
        }
    }
}
