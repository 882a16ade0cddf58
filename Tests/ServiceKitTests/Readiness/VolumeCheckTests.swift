import Files
import Foundation
import ServiceKit
import TestSupport
import Testing

struct VolumeCheckTests {
    /// A check whose writes are counted.
    private func counted(_ folder: URL, _ writes: Shared<Int>, every interval: Duration = .seconds(600)) -> VolumeCheck
    {
        VolumeCheck(folder, every: interval) { path throws(FileError) in
            writes.change { $0 += 1 }
            try DiskFolder(path).probe()
        }
    }

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
            for path in [folder.path("file"), "/proc/self"] {
                guard case .failing(let reason) = await VolumeCheck(URL(filePath: path)).run() else {
                    Issue.record("\(path) is said to be fine")
                    continue
                }
                #expect(reason.hasPrefix("\(path) cannot be written by user \(geteuid()): "))
            }
            let missing = folder.path("missing")
            #expect(
                await VolumeCheck(URL(filePath: missing)).run()
                    == .failing("\(missing) does not exist; check that its volume is mounted"))
            #expect(!FileManager.default.fileExists(atPath: missing))
        }
    }

    @Test func `A healthy volume is written to once, however often it is checked, so that disks may sleep`()
        async throws
    {
        try await withTemporaryFolder { folder in
            let before = try #require(try FileStatus.read(folder.path))
            let writes = Shared(0)
            let check = counted(folder.url, writes)
            #expect(await check.run() == .ok)
            let afterFirst = try #require(try FileStatus.read(folder.path))
            for _ in 0..<100 { #expect(await check.run() == .ok) }
            #expect(writes.value == 1)
            // Creating and removing a file changes the folder's time: the first run did, the others did not.
            let afterLast = try #require(try FileStatus.read(folder.path))
            #expect(before.modifiedNanoseconds != afterFirst.modifiedNanoseconds)
            #expect(afterFirst == afterLast)
        }
    }

    @Test func `A suspicion leads to one write, and so does the end of the interval`() async throws {
        try await withTemporaryFolder { folder in
            let writes = Shared(0)
            let check = counted(folder.url, writes)
            #expect(await check.run() == .ok)
            for _ in 0..<10 { check.suspect() }
            for _ in 0..<10 { #expect(await check.run() == .ok) }
            #expect(writes.value == 2)
            let eager = counted(folder.url, writes, every: .zero)
            for _ in 0..<3 { #expect(await eager.run() == .ok) }
            #expect(writes.value == 5)
        }
    }

    @Test func `A folder in place of another one, and changed permissions, lead to a write`() async throws {
        try await withTemporaryFolder { folder in
            let (volume, writes) = (try folder.folder("volume"), Shared(0))
            let check = counted(volume, writes)
            #expect(await check.run() == .ok)
            try FileManager.default.moveItem(at: volume, to: folder.file("away"))
            guard case .failing = await check.run() else { throw NotInTime(description: "a missing folder is fine") }
            try folder.folder("volume")
            #expect(await check.run() == .ok)
            #expect(writes.value == 2)
            try DiskFolder(volume.path).setMode(0o700)
            for _ in 0..<3 { #expect(await check.run() == .ok) }
            #expect(writes.value == 3)
        }
    }

    @Test func `While writes fail each run writes, and a write that succeeds ends that`() async throws {
        try await withTemporaryFolder { folder in
            let (writes, isBroken) = (Shared(0), Shared(true))
            let check = VolumeCheck(folder.url) { path throws(FileError) in
                writes.change { $0 += 1 }
                if isBroken.value { throw FileError("create", path, number: EDQUOT) }
            }
            for _ in 0..<3 {
                guard case .failing(let reason) = await check.run() else { throw NotInTime(description: "it passes") }
                #expect(reason.contains("quota"))
            }
            isBroken.change { $0 = false }
            for _ in 0..<3 { #expect(await check.run() == .ok) }
            #expect(writes.value == 4)
        }
    }

    @Test func `The file of a probe that was killed is removed by the next one`() async throws {
        try await withTemporaryFolder { folder in
            try Data("hdm".utf8).write(to: folder.file(".hdm-probe-write"))
            #expect(await VolumeCheck(folder.url).run() == .ok)
            #expect(try DiskFolder(folder.path).names() == [])
        }
    }

    @Test(.enabled(if: FrozenVolume.isPossible, "this user cannot mount volumes"))
    func `A volume that becomes read-only, and one that is full, fail without a wait for the interval`() async throws {
        let (remount, readOnly): (UInt, UInt) = (32, 1)
        try await withTemporaryFolder { folder in
            guard mount("hdm", folder.path, "tmpfs", 0, "size=64k") == 0 else {
                throw FileError("mount", folder.path, number: errno)
            }
            defer { umount2(folder.path, 2) }
            let check = VolumeCheck(folder.url)
            #expect(await check.run() == .ok)
            mount("hdm", folder.path, "tmpfs", remount | readOnly, "size=64k")
            #expect(
                await check.run()
                    == .failing("\(folder.path) is mounted read-only; mount it writable, and check its disk for errors")
            )
            mount("hdm", folder.path, "tmpfs", remount, "size=64k")
            #expect(await check.run() == .ok)
            let filling = try OpenFile.creating(folder.path("filling"))
            #expect(throws: FileError.self) { try filling.append([UInt8](repeating: 1, count: 1 << 20)) }
            guard case .failing(let reason) = await check.run() else { throw NotInTime(description: "it passes") }
            #expect(reason.contains("No space left"))
        }
    }
}
