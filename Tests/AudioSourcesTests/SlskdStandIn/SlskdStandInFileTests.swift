import Contracts
import Foundation
import TestSupport
import Testing

@Suite("The slskd stand-in: files, events and restarts")
struct SlskdStandInFileTests {
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
        try await withStandIn([SlskdPeer("ann", files: [file])]) { world in
            #expect(await world.enqueue(file, from: "ann").status == 201)
            try await eventually("\(world.downloaded) is \(place)") { world.downloaded.count == 1 }
            #expect(world.downloaded.map { Array($0.utf8) } == [Array(place.utf8)])
            #expect(try FileManager.default.contentsOfDirectory(atPath: world.folder.filePath).count == 2)
        }
    }

    @Test("Before 0.26 a path with dots is taken, and still stays inside", arguments: [StandInVersion.v0_25, .v0_23])
    func dots(_ version: StandInVersion) async throws {
        let file = SlskdSharedFile.some(#"@@abcde\Music\..\x.flac"#)
        try await withStandIn([SlskdPeer("ann", files: [file])], version: version) { world in
            #expect(await world.enqueue(file, from: "ann").status == 201)
            try await eventually { world.downloaded == ["_/x.flac"] }
        }
    }

    @Test("A name of more than 255 bytes is an error")
    func longName() async throws {
        let file = SlskdSharedFile.some(#"@@abcde\A\"# + String(repeating: "x", count: 251) + ".flac")
        try await withStandIn([SlskdPeer("ann", files: [file])], adjust: { $0.attempts = 1 }) { world in
            _ = await world.enqueue(file, from: "ann")
            _ = try await world.transfer(.errored)
        }
    }

    @Test("Every hostile path of the collection ends inside of the downloads or is refused")
    func hostile() async throws {
        let files = file.underHostilePaths()
        var ann = SlskdPeer("ann", files: files)
        ann.uploadSlots = 20
        try await withStandIn([ann]) { world in
            var accepted = 0
            for file in files where await world.enqueue(file, from: "ann").status == 201 { accepted += 1 }
            #expect(accepted == files.filter { !$0.path.split(separator: #"\"#).contains("..") }.count)
            try await eventually("all have ended, not \(world.standIn.transfers.map(\.state))") {
                world.standIn.transfers.allSatisfy { $0.state.isCompleted && $0.endedAt != nil && $0.exception == nil }
                    && world.downloaded.count == accepted
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: world.folder.filePath).count == 2)
        }
    }

    @Test("A batch's destination decides the folder")
    func destination() async throws {
        try await withStandIn([SlskdPeer("ann", files: [file])]) { world in
            #expect(await world.enqueueBatch([file], from: "ann", destination: "hdm/job 1").status == 201)
            try await eventually { world.downloaded == ["hdm/job 1/01 Song.flac"] }
        }
    }

    @Test("Before 0.26 two peers meet in one incomplete file, and one of them loses")
    func collision() async throws {
        var (ann, bob) = (SlskdPeer("ann", files: [.some(size: 1_000_000)]), SlskdPeer("bob", files: []))
        (bob.files, ann.speed, bob.speed) = (ann.files, 200_000, 200_000)
        try await withStandIn([ann, bob], version: .v0_25) { world in
            for peer in ["ann", "bob"] { _ = await world.enqueue(ann.files[0], from: peer) }
            try await eventually { world.standIn.transfers.contains { $0.state == .errored } }
            #expect(world.standIn.transfers.contains { $0.exception?.contains("another process") == true })
            #expect(world.incomplete == ["Album/01 Song.flac"])
            try await eventually { world.downloaded.count == 1 }
        }
    }

    @Test("Damaged content has the right size; other content has its own")
    func content() async throws {
        let other = SlskdContent.generated(seed: 99, size: 5000)
        var wrong = SlskdSharedFile(#"@@abcde\B\02.flac"#, content: file.content, size: 5000)
        wrong.behaviour = .sendsOther(other)
        try await withStandIn([SlskdPeer("ann", files: [file, wrong], behaviour: .corrupts)]) { world in
            #expect(await world.enqueueBatch([file, wrong], from: "ann").status == 201)
            try await eventually { world.downloaded == ["Album/01 Song.flac", "B/02.flac"] }
            let downloads = world.standIn.settings.downloads
            let damaged = try Data(contentsOf: downloads.appending(path: "Album/01 Song.flac"))
            #expect(damaged.count == 100_000)
            #expect(damaged.prefix(1000) == (try file.content.data()).prefix(1000))
            #expect(damaged != (try file.content.data()))
            #expect(try Data(contentsOf: downloads.appending(path: "B/02.flac")) == (try other.data()))
        }
    }

    @Test("Events are told newest first, with their number, and hold the real place of the file")
    func events() async throws {
        try await withStandIn([SlskdPeer("ann", files: [file])]) { world in
            _ = await world.enqueue(file, from: "ann")
            let answer = try await eventually("both events are there") {
                let answer = await world.get("/events?limit=5")
                return answer.headers["x-total-count"] == "2" ? answer : nil
            }
            let types = answer.json?.list?.map { $0["type"]?.stringValue }
            #expect(types == ["DownloadDirectoryComplete", "DownloadFileComplete"])
            let data = answer.json?.list?.last?["data"]?.stringValue ?? ""
            let event = try ContractCoding.decode(JSONValue.self, from: Data(data.utf8))
            #expect(event["remoteFilename"]?.stringValue == file.path)
            let place = world.standIn.settings.downloads.appending(path: "Album/01 Song.flac").filePath
            #expect(event["localFilename"]?.stringValue == place)
            #expect(event["transfer"]?["username"] == "ann")
            #expect(await world.get("/events?offset=2").json == [])
            #expect(await world.post("/events/Noop", "hello").status == 201)
            #expect(await world.get("/events").headers["x-total-count"] == "3")
        }
    }

    @Test("The folders below the downloads are listed, and nothing beside them")
    func folders() async throws {
        try await withStandIn([SlskdPeer("ann", files: [file])]) { world in
            _ = await world.enqueue(file, from: "ann")
            try await eventually { world.downloaded.count == 1 }
            let all = await world.get("/files/downloads/directories?recursive=true").json
            let listed = all?["directories"]?.list?.first?["files"]?.list?.first
            #expect(listed?["fullName"] == "Album/01 Song.flac")
            #expect(listed?["length"] == 100_000)
            let one = Data("Album".utf8).base64EncodedString()
            #expect(await world.get("/files/downloads/directories/\(one)").json?["files"]?.list?.count == 1)
            let outside = Data("../incomplete".utf8).base64EncodedString()
            #expect(await world.get("/files/downloads/directories/\(outside)").status == 403)
            let none = Data("None".utf8).base64EncodedString()
            #expect(await world.get("/files/downloads/directories/\(none)").status == 404)
        }
    }

    @Test("After a restart what ran is asked for again under a new id, without its batch")
    func restart() async throws {
        var ann = SlskdPeer("ann", files: [.some(size: 1_000_000)])
        ann.speed = 100_000
        try await withStandIn([ann]) { world in
            #expect(await world.enqueueBatch(ann.files, from: "ann", destination: "job").status == 201)
            let old = try #require(try await world.transfer(.inProgress)["id"]?.stringValue)
            let base = world.standIn.baseURL
            try await eventually { (world.standIn.transfers.last?.bytesTransferred ?? 0) > 0 }
            try await world.standIn.restart()
            #expect(world.standIn.baseURL == base)
            let dangling = await world.get("/transfers/downloads/ann/\(old)").json
            #expect(dangling?["state"] == "Completed, Errored")
            #expect(dangling?["exception"] == "Application shut down")
            try await eventually { world.standIn.transfers.count == 2 }
            #expect(await world.get("/transfers/downloads/ann/\(old)").json?["removed"] == .bool(true))
            _ = try await world.transfer(.succeeded)
            let new = try #require(world.standIn.transfers.last)
            #expect(new.startOffset > 0)
            #expect(new.batchID == nil)
            try await eventually { world.downloaded == ["Album/01 Song.flac"] }
        }
    }

    @Test("A volatile slskd forgets everything in a restart, but not its files")
    func volatile() async throws {
        let ann = SlskdPeer("ann", files: [file])
        try await withStandIn([ann], adjust: { ($0.isVolatile, $0.timing.login) = (true, .seconds(20)) }) { world in
            _ = await world.enqueue(file, from: "ann")
            try await eventually { world.downloaded.count == 1 }
            try await world.standIn.restart(after: .milliseconds(50))
            #expect(await world.get("/transfers/downloads?includeRemoved=true").json == [])
            #expect(await world.get("/events").json == [])
            #expect(await world.get("/server").json?["isLoggedIn"] == .bool(false))
            try await eventually { await world.get("/server").json?["isLoggedIn"] == .bool(true) }
            #expect(world.downloaded.count == 1)
        }
    }

    @Test("A thousand transfers go through, and the list of them stays quick")
    func many() async throws {
        let files = (0..<1000).map {
            SlskdSharedFile.some(#"@@abcde\Music\Album \#($0 / 10)\\#($0).flac"#, size: 20_000)
        }
        var ann = SlskdPeer("ann", files: files)
        ann.uploadSlots = 50
        try await withStandIn([ann]) { world in
            #expect(await world.enqueueBatch(files, from: "ann").status == 201)
            let list = await world.get("/transfers/downloads").json
            #expect(list?.list?.first?["directories"]?.list?.count == 100)
            try await eventually { world.downloaded.count == 1000 }
            #expect(world.standIn.mostUploadsAtOnce(of: "ann") == 50)
            #expect(world.standIn.mostDownloadsAtOnce == 500)
        }
    }

    @Test("Without the network transfers fail, and 0.26 tries them again when it is back")
    func network() async throws {
        var ann = SlskdPeer("ann", files: [.some(size: 1_000_000)])
        ann.speed = 100_000
        try await withStandIn([ann]) { world in
            _ = await world.enqueue(ann.files[0], from: "ann")
            _ = try await world.transfer(.inProgress)
            world.standIn.loseNetwork(for: .milliseconds(10))
            let failed = try await world.transfer(.queuedLocally) { $0["attempts"] != 1 }
            #expect(failed["exception"]?.stringValue?.contains("onnection") == true)
            _ = try await world.transfer(.succeeded)
        }
    }

    @Test("An empty answer of 0.23 comes when the peer has queued the file; 0.25 names what fails")
    func oldVersions() async throws {
        let ann = SlskdPeer("ann", files: [file], behaviour: .neverStarts(place: 1))
        try await withStandIn([ann], version: .v0_23) { world in
            let answer = await world.enqueue(file, from: "ann")
            #expect(answer.status == 201)
            #expect(answer.body.isEmpty)
            #expect(world.standIn.transfers.map(\.state) == [.queuedRemotely])
        }
        try await withStandIn([ann], version: .v0_25) { world in
            let first = await world.enqueue(file, from: "ann").json?["enqueued"]?.list?.first
            #expect(first?["startOffset"] == 0)
            #expect(await world.enqueue(file, from: "ann").json?["failed"]?.list?.first?.stringValue == file.path)
            #expect(await world.enqueueBatch([file], from: "ann").status == 400)
            #expect(await world.get("/transfers/downloads/batches/\(UUID().uuidString)").status == 404)
        }
    }
}
