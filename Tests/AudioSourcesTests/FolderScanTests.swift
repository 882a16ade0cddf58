import AudioSources
import Contracts
import Foundation
import GRDB
import TestSupport
import Testing

@Suite("Scanning music folders")
struct FolderScanTests {
    @Test("A scan indexes audio files and skips everything else")
    func indexesAudio() async throws {
        try await withMusicFolder { folder in
            try folder.add("Artist/Album/01 Song", title: "Song", artist: "Artist")
            try folder.add("loose", as: .mp3)
            _ = try folder.write(Data("text".utf8), to: "broken.flac")
            _ = try folder.write(Data(), to: "empty.flac")
            _ = try folder.write(Data("x".utf8), to: "song.flac.partial")
            _ = try folder.write(Data("x".utf8), to: "cover.jpg")
            try folder.add(".harmony/work/hidden")
            try folder.add("@eaDir/shadow")
            try FileManager.default.createSymbolicLink(
                at: folder.music.appending(path: "link.ogg"),
                withDestinationURL: folder.music.appending(path: "loose.mp3"))
            let source = try folder.source()
            await source.rescan()
            #expect(source.status.filesIndexed == 3)
            #expect(source.status.filesRead == 3)
            #expect(source.status.problemCount == 0)
            #expect(source.status.isScanning == false)
            #expect(source.status.lastScanEnd != nil)
        }
    }

    @Test("A scan reads only new and changed files, and deletes missing files")
    func isIncremental() async throws {
        try await withMusicFolder { folder in
            for number in 0..<10 { try folder.add("Artist/Song \(number)", title: "Song \(number)", artist: "Artist") }
            let source = try folder.source()
            await source.rescan()
            #expect(source.status.filesRead == 10)
            await source.rescan()
            #expect(source.status.filesRead == 0)
            #expect(source.status.filesSeen == 10)

            try FileManager.default.removeItem(at: folder.music.appending(path: "Artist/Song 1.ogg"))
            try FileManager.default.removeItem(at: folder.music.appending(path: "Artist/Song 0.ogg"))
            try folder.add("Artist/Song 0", title: "Another", artist: "Artist")
            await source.rescan()
            #expect(source.status.filesRead == 1)
            #expect(source.status.filesIndexed == 9)
            #expect(try await source.paths("Artist", "Another", in: folder).first == "Artist/Song 0.ogg")
        }
    }

    @Test("A scan deletes a folder that was removed or renamed")
    func forgetsFolders() async throws {
        try await withMusicFolder { folder in
            try folder.add("Old/Song", title: "Song", artist: "Artist")
            try folder.add("Gone/Song", title: "Song", artist: "Artist")
            try folder.add("Kept/Song", title: "Song", artist: "Artist")
            let source = try folder.source()
            await source.rescan()
            let manager = FileManager.default
            try manager.moveItem(at: folder.music.appending(path: "Old"), to: folder.music.appending(path: "New"))
            try manager.removeItem(at: folder.music.appending(path: "Gone"))
            await source.rescan()
            #expect(source.status.filesIndexed == 2)
            #expect(try await Set(source.paths("Artist", "Song", in: folder)) == ["New/Song.ogg", "Kept/Song.ogg"])
        }
    }

    @Test("After a restart the source is ready at once, and no file is read again")
    func survivesRestart() async throws {
        try await withMusicFolder { folder in
            try folder.add("Song", title: "Song", artist: "Artist")
            await (try folder.source()).rescan()
            let restarted = try folder.source()
            #expect(await restarted.readiness() == .ready)
            #expect(try await restarted.paths("Artist", "Song", in: folder) == ["Song.ogg"])
            await restarted.rescan()
            #expect(restarted.status.filesRead == 0)
        }
    }

    @Test("A scan ends although links form a circle")
    func survivesLinkLoop() async throws {
        try await withMusicFolder { folder in
            try folder.add("Artist/Song")
            try FileManager.default.createSymbolicLink(
                at: folder.music.appending(path: "Artist/again"), withDestinationURL: folder.music)
            let source = try folder.source()
            await source.rescan()
            #expect(source.status.filesIndexed == 1)
        }
    }

    @Test("A scan reports unreadable folders and continues")
    func reportsProblems() async throws {
        try await withMusicFolder { folder in
            try folder.add("Song")
            let name: [UInt8] = Array("\(folder.music.filePath)/".utf8) + [0xFF, 0xFE] + Array(".flac\0".utf8)
            let made = creat(name.map { CChar(bitPattern: $0) }, 0o644)
            try #require(made >= 0)
            close(made)
            let source = try folder.source { $0.roots.append(folder.base.appending(path: "missing")) }
            await source.rescan()
            #expect(source.status.filesIndexed == 1)
            #expect(source.status.problemCount == 2)
            #expect(source.status.problems.count == 2)
        }
    }

    @Test("When a disk is not mounted, its files stay in the index and the problem is reported")
    func keepsIndexOfMissingDisk() async throws {
        try await withMusicFolder { folder in
            try folder.add("Song", title: "Song", artist: "Artist")
            let source = try folder.source()
            await source.rescan()
            let away = folder.base.appending(path: "away")
            try FileManager.default.moveItem(at: folder.music, to: away)
            await source.rescan()
            #expect(source.status.filesIndexed == 1)
            #expect(await source.readiness() != .ready)

            try FileManager.default.createDirectory(at: folder.music, withIntermediateDirectories: false)
            await source.rescan()
            #expect(source.status.filesIndexed == 1)
            #expect(await source.readiness() != .ready)

            try FileManager.default.removeItem(at: folder.music)
            try FileManager.default.moveItem(at: away, to: folder.music)
            await source.rescan()
            #expect(source.status.filesRead == 0)
            #expect(await source.readiness() == .ready)
        }
    }

    @Test("The source is not ready before the first scan, and then becomes ready")
    func becomesReady() async throws {
        try await withMusicFolder { folder in
            try folder.add("Song")
            let source = try folder.source()
            #expect(await source.readiness() != .ready)
            await source.rescan()
            #expect(await source.readiness() == .ready)
            let fetching = try folder.source { $0.indexPath = nil }
            #expect(await fetching.readiness() == .ready)
        }
    }

    @Test("Several processes can open, scan and search one index concurrently")
    func sharesIndex() async throws {
        try await withMusicFolder { folder in
            for number in 0..<40 { try folder.add("Song \(number)", title: "Song \(number)", artist: "Artist") }
            let counts = try await withThrowingTaskGroup(of: (Int, Int).self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        let source = try folder.source()
                        await source.rescan()
                        return (
                            source.status.filesIndexed, try await source.paths("Artist", "Song 7", in: folder).count
                        )
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(counts.allSatisfy { $0.0 == 40 && $0.1 == 20 })
        }
    }

    @Test("Many processes can create the index at the same time")
    func opensAtOnce() async throws {
        try await withMusicFolder { folder in
            for round in 0..<5 {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<8 {
                        group.addTask {
                            _ = try folder.source { $0.indexPath = folder.base.appending(path: "\(round).db") }
                        }
                    }
                    try await group.waitForAll()
                }
            }
        }
    }

    @Test("An index of a newer release is refused")
    func refusesNewerIndex() async throws {
        try await withMusicFolder { folder in
            _ = try folder.source()
            let queue = try DatabaseQueue(path: folder.index.filePath)
            try await queue.write { try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('999 later')") }
            try queue.close()
            let error = #expect(throws: SourceError.self) { try folder.source() }
            #expect(error?.code == .unavailable)
            #expect(error?.message.contains("newer release") == true)
        }
    }

    @Test("An index that is not a database is reported with the action to take")
    func refusesOtherFile() async throws {
        try await withMusicFolder { folder in
            try FileManager.default.createDirectory(
                at: folder.index.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(repeating: 65, count: 5000).write(to: folder.index)
            let error = #expect(throws: SourceError.self) { try folder.source() }
            #expect(error?.message.contains("delete it") == true)
        }
    }

    @Test("The service scans at its start and at each interval, and ends when it is cancelled")
    func runsAsService() async throws {
        try await withMusicFolder { folder in
            try folder.add("Song")
            let source = try folder.source { $0.rescanInterval = .milliseconds(20) }
            let service = Task { try await source.run() }
            try await until { source.status.filesIndexed == 1 }
            try folder.add("Other")
            try await until { source.status.filesIndexed == 2 }
            service.cancel()
            await #expect(throws: CancellationError.self) { try await service.value }
            try await until { !source.status.isScanning }
        }
    }
}

/// Waits for a condition, for at most a minute.
func until(
    _ condition: () async throws -> Bool, sourceLocation: SourceLocation = #_sourceLocation
) async throws {
    let deadline = ContinuousClock.now + .seconds(60)
    while try await !condition() {
        try #require(ContinuousClock.now < deadline, "waited too long", sourceLocation: sourceLocation)
        try await Task.sleep(for: .milliseconds(2))
    }
}
