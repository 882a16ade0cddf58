import Contracts
import Fakes
import Foundation
import TestSupport
import Testing

@Suite("The slskd stand-in: enqueue")
struct FakeSlskdEnqueueTests {
    private let file = SlskdSharedFile.some()

    @Test("An accepted file is answered with its transfer, and a running one with an empty object")
    func accepted() async throws {
        let ann = SlskdPeer("ann", files: [file], behaviour: .neverStarts(place: 4))
        try await withFake([ann]) { fixture in
            let answer = await fixture.enqueue(file, from: "ann")
            #expect(answer.status == 201)
            let transfer = answer.json?["enqueued"]?.list?.first
            #expect(transfer?["state"] == "Queued, Locally")
            #expect(transfer?["filename"]?.stringValue == file.path)
            #expect(transfer?["direction"] == "Download")
            #expect(transfer?["startedAt"] == nil)
            #expect(transfer?["requestedAt"]?.stringValue?.hasSuffix("Z") == false)
            let again = await fixture.enqueue(file, from: "ann")
            #expect(again.status == 201)
            #expect(again.json?["enqueued"] == [])
            #expect(again.json?["failed"] == [[:]])
            #expect(fixture.fake.transfers.count == 1)
            #expect(fixture.fake.enqueues(of: file.path) == 2)
            #expect(fixture.fake.enqueuedTwice == ["ann: \(file.path)"])
        }
    }

    @Test("Nonsense is refused before anything happens")
    func refused() async throws {
        try await withFake([SlskdPeer("ann", files: [file])]) { fixture in
            let path = "/transfers/downloads/ann"
            #expect(await fixture.post(path, []).status == 400)
            #expect(await fixture.post(path, [.null]).status == 400)
            #expect(await fixture.post(path, [["filename": #"a\..\b.flac"#, "size": 1]]).status == 400)
            let transferRequest: JSONValue = ["filename": .string(file.path), "size": .integer(file.size)]
            #expect(await fixture.post(path, [transferRequest, transferRequest]).status == 500)
            #expect(fixture.fake.transfers.isEmpty)
        }
    }

    @Test("A peer that is offline, unknown or out of reach is a 500 with a string")
    func offline() async throws {
        let peers = [
            SlskdPeer("ann", files: [file], behaviour: .offline),
            SlskdPeer("bob", files: [file], behaviour: .unreachable),
        ]
        try await withFake(peers) { fixture in
            for peer in ["ann", "nobody"] {
                let answer = await fixture.enqueue(file, from: peer)
                #expect(answer.status == 500)
                #expect(answer.json?.stringValue == "User \(peer) appears to be offline")
            }
            let began = ContinuousClock.now
            let answer = await fixture.enqueue(file, from: "bob")
            #expect(answer.status == 500)
            #expect(answer.json?.stringValue?.hasPrefix("Failed to establish") == true)
            #expect(ContinuousClock.now - began > .milliseconds(700))
            fixture.fake.loseNetwork()
            #expect(await fixture.enqueue(file, from: "bob").status == 500)
        }
    }

    @Test("More than two calls at a time get 429, whoever is asked")
    func gate() async throws {
        let peers = ["ann", "bob", "cid"].map { SlskdPeer($0, files: [file]) }
        try await withFake(peers, adjust: { $0.timing.connecting = .seconds(10) }) { fixture in
            async let one = fixture.enqueue(file, from: "ann")
            async let two = fixture.enqueue(file, from: "bob")
            try await eventually { fixture.fake.log.requests(to: .enqueue).count == 2 }
            let third = await fixture.enqueue(file, from: "cid")
            #expect(third.status == 429)
            #expect(third.headers["retry-after"] == nil)
            #expect(await [one.status, two.status] == [201, 201])
        }
    }

    @Test("A name with slashes and signs is one segment")
    func names() async throws {
        let name = "a/b %c+#?"
        try await withFake([SlskdPeer(name, files: [file])]) { fixture in
            let answer = await fixture.enqueue(file, from: "a%2Fb%20%25c%2B%23%3F")
            #expect(answer.status == 201)
            #expect(answer.json?["enqueued"]?.list?.first?["username"]?.stringValue == name)
            #expect(await fixture.get("/transfers/downloads/a%2Fb%20%25c%2B%23%3F").status == 200)
        }
    }

    @Test("A lost answer leaves a transfer that the list shows")
    func lostAnswer() async throws {
        try await withFake([SlskdPeer("ann", files: [file], behaviour: .neverStarts(place: 1))]) { fixture in
            fixture.fake.inject(.losesResponse, on: [.enqueue], times: 1)
            #expect(await fixture.enqueue(file, from: "ann").status == 0)
            #expect(fixture.fake.log.requests(to: .enqueue).count == 1)
            let user = await fixture.get("/transfers/downloads/ann").json
            #expect(user?["directories"]?.list?.first?["files"]?.list?.count == 1)
        }
    }

    @Test("The work is done when the client has given up")
    func impatientClient() async throws {
        try await withFake([SlskdPeer("ann", files: [file])]) { fixture in
            fixture.fake.inject(.worksLate(.seconds(1)), on: [.enqueue], times: 1)
            let client = Task { await fixture.enqueue(file, from: "ann") }
            try await eventually { fixture.fake.log.requests(to: .enqueue).count == 1 }
            client.cancel()
            #expect(await client.value.status == 0)
            #expect(fixture.fake.transfers.isEmpty)
            try await eventually { fixture.fake.transfers.count == 1 }
        }
    }

    @Test("A batch has the client's id: all is 201, some 207, none 200, a replay 409")
    func batches() async throws {
        let files = (1...3).map { SlskdSharedFile.some(#"@@abcde\Music\Album\0\#($0).flac"#) }
        let ann = SlskdPeer("ann", files: files, behaviour: .neverStarts(place: 1))
        try await withFake([ann]) { fixture in
            let id = UUID().uuidString.lowercased()
            let all = await fixture.enqueueBatch(Array(files[..<2]), from: "ann", id: id)
            #expect(all.status == 201)
            #expect(all.json?["batch"]?["id"]?.stringValue == id)
            #expect(all.json?["batch"]?["transfers"]?.list?.count == 2)
            #expect(all.json?["failures"] == [])
            #expect(await fixture.enqueueBatch(Array(files[..<2]), from: "ann", id: id).status == 409)
            let some = await fixture.enqueueBatch(files, from: "ann")
            #expect(some.status == 207)
            #expect(some.json?["failures"]?.list?.count == 2)
            #expect(await fixture.enqueueBatch(files, from: "ann").status == 200)
            let batch = await fixture.get("/transfers/downloads/batches/\(id)").json
            #expect(batch?["transfers"]?.list?.first?["batchId"]?.stringValue == id)
            #expect(await fixture.get("/transfers/downloads/batches/\(UUID().uuidString)").status == 404)
            #expect(fixture.fake.transfers.count == 3)
        }
    }

    @Test("A batch of somebody who is offline is 404 and not kept; of one out of reach 500 and kept")
    func failedBatches() async throws {
        let peers = [
            SlskdPeer("ann", files: [file], behaviour: .offline),
            SlskdPeer("bob", files: [file], behaviour: .unreachable),
        ]
        try await withFake(peers, adjust: { $0.timing.unreachable = .seconds(1) }) { fixture in
            let (one, two) = (UUID().uuidString, UUID().uuidString)
            #expect(await fixture.enqueueBatch([file], from: "ann", id: one).status == 404)
            #expect(await fixture.get("/transfers/downloads/batches/\(one)").status == 404)
            #expect(await fixture.enqueueBatch([file], from: "bob", id: two).status == 500)
            #expect(await fixture.enqueueBatch([file], from: "bob", id: two).status == 409)
            #expect(fixture.fake.transfers.isEmpty)
        }
    }

    @Test("A destination that leaves the downloads is refused", arguments: ["../x", "/x", #"a\..\b"#, "C:x", ""])
    func destination(_ destination: String) async throws {
        try await withFake([SlskdPeer("ann", files: [file])]) { fixture in
            #expect(await fixture.enqueueBatch([file], from: "ann", destination: destination).status == 400)
        }
    }
}
