import Contracts
import Foundation
import Testing

/// Whole numbers of messages that services calculate with are refused beyond their limits.
@Suite struct LimitTests {
    private static let candidate = #""source":"s","path":"p","score":0.5"#

    @Test(arguments: [
        ("standing_tries", #"{"standing_tries":%}"#), ("transfer/round", #"{"transfer":{"round":%}}"#),
        ("transfer/size", #"{"transfer":{"size":%}}"#),
        ("transfer/given_up/0/round", #"{"transfer":{"given_up":[{"key":"1/a","code":"c","round":%}]}}"#),
        ("download/size", #"{"download":{"source":"s","path":"p","size":%}}"#),
        ("tag/duration_ms", #"{"tag":{"path":"p","codec":"flac","duration_ms":%,"verification":{}}}"#),
        ("tag/bitrate_kbps", #"{"tag":{"path":"p","codec":"c","duration_ms":1,"bitrate_kbps":%,"verification":{}}}"#),
        ("match/candidates/0/size", #"{"match":{"score":1,"components":{},"candidates":[{\#(candidate),"size":%}]}}"#),
        ("match/considered", #"{"match":{"score":1,"components":{},"candidates":[],"considered":%}}"#),
        ("match/left_out", #"{"match":{"score":1,"components":{},"candidates":[],"left_out":%}}"#),
        (
            "match/runner_up/candidate/duration_ms",
            #"{"match":{"score":1,"components":{},"candidates":[],"runner_up":{"margin":0,"candidate":{\#(candidate),"size":1,"duration_ms":%}}}}"#
        ),
        (
            "match/searches/0/took_ms",
            #"{"match":{"score":1,"components":{},"candidates":[],"searches":[{"source":"s","rung":"full","query":"q","offers":0,"new":0,"usable":0,"took_ms":%}]}}"#
        ),
    ])
    func `a number of a job document beyond its limit is refused at its place`(_ path: String, _ members: String) throws
    {
        for number in ["9223372036854775807", "-1", "-9223372036854775808", "12345678901234567890", "1.5"] {
            let start = #"{"schema":"hdm.job/1","job_id":"a","track":{"artist":"A","title":"T"},"#
            let text = start + members.replacing("%", with: number).dropFirst()
            let violation = #expect(throws: ContractViolation.self, "\(number)") { try JobBody(Data(text.utf8)) }
            #expect(violation?.path == "/\(path)", "\(number)")
        }
    }

    @Test(arguments: ["duration_ms", "track_number", "track_total", "disc_number"])
    func `a number of a track beyond its limit is refused at its place`(_ name: String) {
        for number in [Int.max, -1, Int.min] {
            let text = #"{"schema":"hdm.job/1","job_id":"a","track":{"artist":"A","title":"T","\#(name)":\#(number)}}"#
            let violation = #expect(throws: ContractViolation.self) { try JobBody(Data(text.utf8)) }
            #expect(violation?.path == "/track/\(name)")
        }
    }

    @Test func `progress beyond the limits is refused`() {
        for member in [#""done":9223372036854775807"#, #""done":1,"total":-1"#, #""done":1,"place_in_queue":-1"#] {
            let text =
                #"{"schema":"hdm.progress/1","job_id":"a","stage":"download","at":"2026-01-31T08:15:30Z",\#(member)}"#
            #expect(throws: ContractViolation.self) {
                try ContractCoding.decode(ProgressEvent.self, from: Data(text.utf8))
            }
        }
    }

    @Test func `offers of peers with impossible numbers are left out or lose the number`() throws {
        let text = #"""
            {"username":"u","queueLength":9223372036854775807,"uploadSpeed":9223372036854775807,"files":[
            {"filename":"a.mp3","size":9223372036854775807},
            {"filename":"b.mp3","size":1,"bitRate":9223372036854775807,"length":9223372036854775807}]}
            """#
        let response = try ContractCoding.decode(SlskdSearchResponse.self, from: Data(text.utf8))
        let offers = response.offers()
        #expect(offers.map(\.path) == ["b.mp3"])
        #expect(offers.first?.bitrateKbps == nil && offers.first?.durationMS == nil)
        #expect(offers.first?.peer?.uploadSpeed == Limits.bytes && offers.first?.peer?.queueLength == Limits.number)
    }
}
