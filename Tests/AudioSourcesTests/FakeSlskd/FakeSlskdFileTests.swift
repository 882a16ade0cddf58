import Contracts
import Fakes
import Foundation
import TestSupport
import Testing

@Suite("The slskd stand-in: files, events and restarts")
struct FakeSlskdFileTests {
    private let file = SlskdSharedFile.some()

    @Test(
        "A hostile path ends inside of the downloads, and nothing else of it is changed",
        arguments: [
            (#"@@abcde\Music\CD1\01.flac"#, "CD1/01.flac"), (#"C:\Music\a:b*?"<>|\x.flac"#, #"a:b*?"<>|/x.flac"#),
            (#"\\server\share\in\x.flac"#, "in/x.flac"), ("/etc/passwd.flac", "etc/passwd.flac"),
            (#"@@abcde\root.flac"#, "root.flac"), ("@@abcde\\M\\bell\u{7}\n\\-x.flac", "bell\u{7}\n/-x.flac"),
            ("@@abcde\\M\\ .hidden \\Cafe\u{301}.flac", " .hidden /Cafe\u{301}.flac"),
        ])
    func layout(_ path: String, _ place: String) async throws {
        let file = SlskdSharedFile.some(path)
        try await withFake([SlskdPeer("ann", files: [file])]) { fixture in
            #expect(await fixture.enqueue(file, from: "ann").status == 201)
            try await eventually("\(fixture.downloaded) is \(place)") { fixture.downloaded.count == 1 }
            #expect(fixture.downloaded.map { Array($0.utf8) } == [Array(place.utf8)])
            #expect(try FileManager.default.contentsOfDirectory(atPath: fixture.folder.filePath).count == 2)
        }
    }

    @Test("Before 0.26 a path with dots is taken, and still stays inside", arguments: [FakeVersion.v0_25, .v0_23])
    func dots(_ version: FakeVersion) async throws {
        let file = SlskdSharedFile.some(#"@@abcde\Music\..\x.flac"#)
        try await withFake([SlskdPeer("ann", files: [file])], version: version) { fixture in
            #expect(await fixture.enqueue(file, from: "ann").status == 201)
            try await eventually { fixture.downloaded == ["_/x.flac"] }
        }
    }

    @Test("A name of more than 255 bytes is an error")
    func longName() async throws {
        let file = SlskdSharedFile.some(#"@@abcde\A\"# + String(repeating: "x", count: 251) + ".flac")
        try await withFake([SlskdPeer("ann", files: [file])], adjust: { $0.attempts = 1 }) { fixture in
            _ = await fixture.enqueue(file, from: "ann")
            _ = try await fixture.transfer(.errored)
        }
    }

    @Test("Every hostile path of the collection ends inside of the downloads or is refused")
    func hostile() async throws {
        let files = file.underHostilePaths()
        var ann = SlskdPeer("ann", files: files)
        ann.uploadSlots = 20
        try await withFake([ann]) { fixture in
            var accepted = 0
            for file in files where await fixture.enqueue(file, from: "ann").status == 201 { accepted += 1 }
            #expect(accepted == files.filter { !$0.path.split(separator: #"\"#).contains("..") }.count)
            try await eventually("all have ended, not \(fixture.fake.transfers.map(\.state))") {
                fixture.fake.transfers.allSatisfy { $0.state.isCompleted && $0.endedAt != nil && $0.exception == nil }
                    && fixture.downloaded.count == accepted
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: fixture.folder.filePath).count == 2)
        }
    }

    @Test("A batch's destination decides the folder")
    func destination() async throws {
        try await withFake([SlskdPeer("ann", files: [file])]) { fixture in
            #expect(await fixture.enqueueBatch([file], from: "ann", destination: "hdm/job 1").status == 201)
            try await eventually { fixture.downloaded == ["hdm/job 1/01 Song.flac"] }
        }
    }

    @Test("Before 0.26 two peers meet in one incomplete file, and one of them loses")
    func collision() async throws {
        var (ann, bob) = (SlskdPeer("ann", files: [.some(size: 1_000_000)]), SlskdPeer("bob", files: []))
        (bob.files, ann.speed, bob.speed) = (ann.files, 200_000, 200_000)
        try await withFake([ann, bob], version: .v0_25) { fixture in
            for peer in ["ann", "bob"] { _ = await fixture.enqueue(ann.files[0], from: peer) }
            try await eventually { fixture.fake.transfers.contains { $0.state == .errored } }
            #expect(fixture.fake.transfers.contains { $0.exception?.contains("another process") == true })
            #expect(fixture.incomplete == ["Album/01 Song.flac"])
            try await eventually { fixture.downloaded.count == 1 }
        }
    }

    @Test("Damaged content has the right size; other content has its own")
    func content() async throws {
        let other = SlskdContent.generated(seed: 99, size: 5000)
        var wrong = SlskdSharedFile(#"@@abcde\B\02.flac"#, content: file.content, size: 5000)
        wrong.behaviour = .sendsOther(other)
        try await withFake([SlskdPeer("ann", files: [file, wrong], behaviour: .corrupts)]) { fixture in
            #expect(await fixture.enqueueBatch([file, wrong], from: "ann").status == 201)
            try await eventually { fixture.downloaded == ["Album/01 Song.flac", "B/02.flac"] }
            let downloads = fixture.fake.settings.downloads
            let damaged = try Data(contentsOf: downloads.appending(path: "Album/01 Song.flac"))
            #expect(damaged.count == 100_000)
            #expect(damaged.prefix(1000) == (try file.content.data()).prefix(1000))
            #expect(damaged != (try file.content.data()))
            #expect(try Data(contentsOf: downloads.appending(path: "B/02.flac")) == (try other.data()))
        }
    }

    @Test("Events are told newest first, with their number, and hold the real place of the file")
    func events() async throws {
        try await withFake([SlskdPeer("ann", files: [file])]) { fixture in
            _ = await fixture.enqueue(file, from: "ann")
            let answer = try await eventually("both events are there") {
                let answer = await fixture.get("/events?limit=5")
                return answer.headers["x-total-count"] == "2" ? answer : nil
            }
            let types = answer.json?.list?.map { $0["type"]?.stringValue }
            #expect(types == ["DownloadDirectoryComplete", "DownloadFileComplete"])
            let data = answer.json?.list?.last?["data"]?.stringValue ?? ""
            let event = try ContractCoding.decode(JSONValue.self, from: Data(data.utf8))
            #expect(event["remoteFilename"]?.stringValue == file.path)
            let place = fixture.fake.settings.downloads.appending(path: "Album/01 Song.flac").filePath
            #expect(event["localFilename"]?.stringValue == place)
            #expect(event["transfer"]?["username"] == "ann")
            #expect(await fixture.get("/events?offset=2").json == [])
            #expect(await fixture.post("/events/Noop", "hello").status == 201)
            #expect(await fixture.get("/events").headers["x-total-count"] == "3")
        }
    }

    @Test("The folders below the downloads are listed, and nothing beside them")
    func folders() async throws {
        try await withFake([SlskdPeer("ann", files: [file])]) { fixture in
            _ = await fixture.enqueue(file, from: "ann")
            try await eventually { fixture.downloaded.count == 1 }
            let all = await fixture.get("/files/downloads/directories?recursive=true").json
            let listed = all?["directories"]?.list?.first?["files"]?.list?.first
            #expect(listed?["fullName"] == "Album/01 Song.flac")
            #expect(listed?["length"] == 100_000)
            let one = Data("Album".utf8).base64EncodedString()
            #expect(await fixture.get("/files/downloads/directories/\(one)").json?["files"]?.list?.count == 1)
            let outside = Data("../incomplete".utf8).base64EncodedString()
            #expect(await fixture.get("/files/downloads/directories/\(outside)").status == 403)
            let none = Data("None".utf8).base64EncodedString()
            #expect(await fixture.get("/files/downloads/directories/\(none)").status == 404)
        }
    }

    @Test("After a restart what ran is asked for again under a new id, without its batch")
    func restart() async throws {
        var ann = SlskdPeer("ann", files: [.some(size: 1_000_000)])
        ann.speed = 100_000
        try await withFake([ann]) { fixture in
            #expect(await fixture.enqueueBatch(ann.files, from: "ann", destination: "job").status == 201)
            let old = try #require(try await fixture.transfer(.inProgress)["id"]?.stringValue)
            let base = fixture.fake.baseURL
            try await eventually { (fixture.fake.transfers.last?.bytesTransferred ?? 0) > 0 }
            try await fixture.fake.restart()
            #expect(fixture.fake.baseURL == base)
            let dangling = await fixture.get("/transfers/downloads/ann/\(old)").json
            #expect(dangling?["state"] == "Completed, Errored")
            #expect(dangling?["exception"] == "Application shut down")
            try await eventually { fixture.fake.transfers.count == 2 }
            #expect(await fixture.get("/transfers/downloads/ann/\(old)").json?["removed"] == .bool(true))
            _ = try await fixture.transfer(.succeeded)
            let new = try #require(fixture.fake.transfers.last)
            #expect(new.startOffset > 0)
            #expect(new.batchID == nil)
            try await eventually { fixture.downloaded == ["Album/01 Song.flac"] }
        }
    }

    @Test("A volatile slskd forgets everything in a restart, but not its files")
    func volatile() async throws {
        let ann = SlskdPeer("ann", files: [file])
        try await withFake([ann], adjust: { ($0.isVolatile, $0.timing.login) = (true, .seconds(20)) }) { fixture in
            _ = await fixture.enqueue(file, from: "ann")
            try await eventually { fixture.downloaded.count == 1 }
            try await fixture.fake.restart(after: .milliseconds(50))
            #expect(await fixture.get("/transfers/downloads?includeRemoved=true").json == [])
            #expect(await fixture.get("/events").json == [])
            #expect(await fixture.get("/server").json?["isLoggedIn"] == .bool(false))
            try await eventually { await fixture.get("/server").json?["isLoggedIn"] == .bool(true) }
            #expect(fixture.downloaded.count == 1)
        }
    }

    @Test("A thousand transfers go through, and the list of them stays quick")
    func many() async throws {
        let files = (0..<1000).map {
            SlskdSharedFile.some(#"@@abcde\Music\Album \#($0 / 10)\\#($0).flac"#, size: 20_000)
        }
        var ann = SlskdPeer("ann", files: files)
        ann.uploadSlots = 50
        // On a busy machine, the last ones wait long for a place among the running ones.
        try await withFake([ann], adjust: { $0.timing.acknowledging = .seconds(86_400) }) { fixture in
            #expect(await fixture.enqueueBatch(files, from: "ann").status == 201)
            let list = await fixture.get("/transfers/downloads").json
            #expect(list?.list?.first?["directories"]?.list?.count == 100)
            // The folder tells it without the lock of the fake, which all transfers need.
            try await eventually("all files are moved", timeout: .seconds(240)) { fixture.downloaded.count == 1000 }
            #expect(fixture.fake.highestConcurrentUploads(of: "ann") == 50)
            #expect(fixture.fake.highestConcurrentDownloads == 500)
        }
    }

    @Test("Without the network transfers fail, and 0.26 tries them again when it is back")
    func network() async throws {
        var ann = SlskdPeer("ann", files: [.some(size: 1_000_000)])
        ann.speed = 100_000
        try await withFake([ann]) { fixture in
            _ = await fixture.enqueue(ann.files[0], from: "ann")
            _ = try await fixture.transfer(.inProgress)
            fixture.fake.loseNetwork(for: .milliseconds(10))
            let failed = try await fixture.transfer(.queuedLocally) { $0["attempts"] != 1 }
            #expect(failed["exception"]?.stringValue?.contains("onnection") == true)
            _ = try await fixture.transfer(.succeeded)
        }
    }

    @Test("An empty answer of 0.23 comes when the peer has queued the file; 0.25 names what fails")
    func oldVersions() async throws {
        let ann = SlskdPeer("ann", files: [file], behaviour: .neverStarts(place: 1))
        try await withFake([ann], version: .v0_23) { fixture in
            let answer = await fixture.enqueue(file, from: "ann")
            #expect(answer.status == 201)
            #expect(answer.body.isEmpty)
            #expect(fixture.fake.transfers.map(\.state) == [.queuedRemotely])
        }
        try await withFake([ann], version: .v0_25) { fixture in
            let first = await fixture.enqueue(file, from: "ann").json?["enqueued"]?.list?.first
            #expect(first?["startOffset"] == 0)
            #expect(await fixture.enqueue(file, from: "ann").json?["failed"]?.list?.first?.stringValue == file.path)
            #expect(await fixture.enqueueBatch([file], from: "ann").status == 400)
            #expect(await fixture.get("/transfers/downloads/batches/\(UUID().uuidString)").status == 404)
        }
    }
}
