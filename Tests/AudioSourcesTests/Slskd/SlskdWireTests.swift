import Contracts
import Foundation
import Testing

@testable import AudioSources

@Suite("The JSON of slskd")
struct SlskdWireTests {
    private func read<Value: Decodable>(_ json: String, as type: Value.Type = Value.self) throws -> Value {
        try SlskdJSON.decoder.decode(type, from: Data(json.utf8))
    }

    @Test(
        "The flags of a transfer are one state",
        arguments: [
            ("Queued, Locally", SlskdTransferState.queuedLocally), ("Queued", .queuedLocally),
            ("Requested", .requested),
            ("Queued, Remotely", .queuedRemotely), ("Initializing", .initializing), ("InProgress", .inProgress),
            ("Completed, Succeeded", .completed(.succeeded)), ("Completed, Cancelled", .completed(.cancelled)),
            ("Completed, TimedOut", .completed(.timedOut)), ("Completed, Errored", .completed(.errored)),
            ("Completed, Rejected", .completed(.rejected)), ("Aborted, Completed", .completed(.aborted)),
            ("Completed, Succeeded, Errored", .completed(.errored)), ("Completed", .completed(.unknown)),
            ("completed,succeeded", .completed(.succeeded)), ("Paused", .unknown), ("", .unknown),
        ])
    func readsTransferStates(text: String, state: SlskdTransferState) {
        #expect(SlskdTransferState(text) == state)
        #expect(state.isEnded == (text.lowercased().contains("completed")))
    }

    @Test(
        "A time without a zone is UTC, with up to seven digits of a second",
        arguments: [
            ("2026-08-22T10:11:12Z", "2026-08-22T10:11:12.000Z"),
            ("2026-08-22T10:11:12.1234567", "2026-08-22T10:11:12.123Z"),
            ("2026-08-22T10:11:12.1234567Z", "2026-08-22T10:11:12.123Z"),
            ("2026-08-22T12:11:12.5+02:00", "2026-08-22T10:11:12.500Z"),
            ("2026-08-22T10:11:12", "2026-08-22T10:11:12.000Z"),
        ])
    func readsDates(text: String, time: String) throws {
        #expect(SlskdDate(text)?.time == Timestamp(time))
        #expect(SlskdDate("yesterday") == nil)
    }

    @Test("A transfer has the fields of its version")
    func readsTransfers() throws {
        let transfer: SlskdTransfer = try read(
            #"""
            {"id":"0f8fad5b-d9cb-469f-a165-70867728950e","batchId":"7c9e6679-7425-40de-944b-e07fc1f90ae7","username":"a b",
             "direction":"Download","filename":"@@x\\Music\\01.flac","size":5000000000,"state":"InProgress",
             "requestedAt":"2026-08-22T10:11:12.1234567","startedAt":"2026-08-22T10:11:13Z","bytesTransferred":12,
             "averageSpeed":1234.5,"placeInQueue":3,"attempts":2,"removed":true,"elapsedTime":"00:00:01.5",
             "percentComplete":0.1,"remainingTime":"1.02:03:04"}
            """#)
        #expect(transfer.size == 5_000_000_000)
        #expect(transfer.filename == #"@@x\Music\01.flac"#)
        #expect(transfer.requestedAt == Timestamp("2026-08-22T10:11:12.123Z"))
        #expect(transfer.averageSpeed == 1234.5)
        #expect((transfer.attempts, transfer.placeInQueue, transfer.isRemoved) == (2, 3, true))
        #expect(transfer.batchID == UUID(uuidString: "7C9E6679-7425-40DE-944B-E07FC1F90AE7"))
        let bare: SlskdTransfer = try read(
            #"{"id":"0f8fad5b-d9cb-469f-a165-70867728950e","username":"u","filename":"f","state":"Requested","endedAt":null}"#
        )
        #expect(bare.batchID == nil && bare.endedAt == nil && bare.exception == nil && !bare.isRemoved)
    }

    @Test("File names are compared by their bytes")
    func comparesBytes() throws {
        let json =
            #"{"id":"0f8fad5b-d9cb-469f-a165-70867728950e","username":"u","filename":"\#u{e9}","state":"Requested"}"#
        let transfer: SlskdTransfer = try read(json)
        #expect(transfer.filename == "e\u{301}")
        #expect(!transfer.isOf("e\u{301}"))
        #expect(transfer.isOf("\u{e9}"))
    }

    @Test("An unreadable record does not hide the others")
    func leavesOutNonsense() throws {
        let json = #"""
            [{"username":"a","directories":[{"directory":"d","files":[
               {"id":"0f8fad5b-d9cb-469f-a165-70867728950e","username":"a","filename":"x","state":"Requested"},
               {"id":"no guid","username":"a","filename":"y","state":"Requested"}, 7, null]}, "odd"]}, {"username":"b"}]
            """#
        let users = try read(json, as: LenientList<SlskdUserTransfers>.self).elements
        #expect(users.flatMap(\.transfers).map(\.filename) == ["x"])
    }

    @Test("A search has ended when it has an end time")
    func readsSearches() throws {
        func search(_ state: String, _ more: String = "") throws -> SlskdSearch {
            try read(#"{"id":"0f8fad5b-d9cb-469f-a165-70867728950e","searchText":"x","state":"\#(state)"\#(more)}"#)
        }
        #expect(try search("Queued").isQueued)
        #expect(try search("Requested").isQueued)
        #expect(try !search("InProgress").isQueued)
        let window = try search("Completed, TimedOut", #","isComplete":true,"responseCount":3,"responses":[]"#)
        #expect(window.ending == .timedOut && !window.isStored && window.responseCount == 3)
        let stored = try search("Completed, Errored", #","isComplete":true,"endedAt":"2026-08-22T10:11:12.1Z""#)
        #expect(stored.ending == .errored && stored.isStored)
        #expect(try search("Completed, FileLimitReached").ending == .fileLimitReached)
    }

    @Test("The timeout of a search is in milliseconds")
    func writesMilliseconds() throws {
        let request = SlskdSearchRequest(id: UUID(), text: "a b", timeout: .seconds(15))
        let json = try ContractCoding.decode(JSONValue.self, from: JSONEncoder().encode(request))
        #expect(json["searchTimeout"] == 15_000)
        #expect(json["id"]?.stringValue == request.id.uuidString.lowercased())
    }

    @Test("Files of peers become offers with their known properties")
    func makesOffers() throws {
        let response: SlskdSearchResponse = try read(
            #"""
            {"username":"peer","token":1,"hasFreeUploadSlot":true,"queueLength":2,"uploadSpeed":900000,"fileCount":4,
             "files":[
               {"filename":"@@x\\Music\\01 - X.FLAC","size":30000000,"code":1,"extension":"","isLocked":false,"bitDepth":24,
                "sampleRate":96000,"length":241},
               {"filename":"@@x\\Music\\cover.jpg","size":1,"extension":"jpg"},
               {"filename":"@@x\\Music.mp3\\readme","size":5}, {"filename":"x\\empty.mp3","size":0},
               {"filename":"x/y.mp3","size":9,"bitRate":320,"length":0,"isVariableBitRate":false},
               {"filename":"x/z.mp3","size":9,"length":9223372036854775807}, {"size":3}],
             "lockedFiles":[{"filename":"@@x\\Secret\\02.mp3","size":7}]}
            """#)
        let offers = response.offers()
        #expect(offers.map(\.path) == [#"@@x\Music\01 - X.FLAC"#, "x/y.mp3", "x/z.mp3", #"@@x\Secret\02.mp3"#])
        #expect(offers.map(\.isLocked) == [false, false, false, true])
        #expect(offers[0].durationMS == 241_000 && offers[0].bitDepth == 24 && offers[0].sampleRate == 96_000)
        #expect(offers[0].user == "peer" && offers[0].source == "slskd")
        #expect(offers[0].peer == OfferingPeer(hasFreeSlot: true, queueLength: 2, uploadSpeed: 900_000))
        #expect(offers[1].bitrateKbps == 320 && offers[1].durationMS == nil && offers[1].isVariableBitrate == false)
        #expect(offers[2].durationMS == nil)
    }

    @Test("The content of an event is JSON in a text")
    func readsEvents() throws {
        let data =
            #"{\"LocalFilename\":\"/downloads/a/01.flac\",\"remoteFilename\":\"x\\\\01.flac\",\"transfer\":null}"#
        let json = #"""
            [{"timestamp":"2026-08-22T10:11:12.5","type":"DownloadFileComplete",
              "id":"0f8fad5b-d9cb-469f-a165-70867728950e","data":"\#(data)"},
             {"timestamp":"?","type":"Noop","id":"0f8fad5b-d9cb-469f-a165-70867728950f","data":"{}"}]
            """#
        let events = try read(json, as: LenientList<SlskdEvent>.self).elements
        let file = SlskdCompletedFile(
            localFilename: "/downloads/a/01.flac", remoteFilename: #"x\01.flac"#, transfer: nil)
        #expect(events.map(\.content) == [.fileCompleted(file), .other("Noop")])
    }

    @Test(
        "Failures of an order are counted in every format",
        arguments: [#"["a","b"]"#, "[{},{}]", #"[{"item1":"a"},{"item1":"b"}]"#])
    func countsFailures(failed: String) throws {
        #expect(try read(#"{"enqueued":[],"failed":\#(failed)}"#, as: SlskdEnqueueResponse.self).failed == 2)
        #expect(try read("{}", as: SlskdEnqueueResponse.self).failed == 0)
    }

    @Test("Versions are compared by their numbers")
    func ordersVersions() throws {
        #expect(try #require(SlskdVersion("0.26.0.65534-local")) >= .batches)
        #expect(try #require(SlskdVersion("0.25.1")) < .batches)
        #expect(try #require(SlskdVersion("0.9.9")) < .oldest)
        #expect(try #require(SlskdVersion("1.0")) > .batches)
        #expect(SlskdVersion("local") == nil)
    }

    @Test("A name of any characters is one segment of a path")
    func encodesSegments() {
        let call = SlskdCall(.get, ["transfers", "downloads", "a/b %+#?ü"])
        #expect(call.path == "transfers/downloads/a%2Fb%20%25%2B%23%3F%C3%BC")
    }
}
