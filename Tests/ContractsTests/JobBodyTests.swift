import Contracts
import Foundation
import Testing

@Suite struct JobBodyTests {
    /// A document that Swift's types cannot represent: spellings, numbers and members that HDM does not know.
    private static let hostile =
        "\u{FEFF} {\n\t\"schema\" : \"hdm.job\\/1\",\"job_id\":\"a\", \"priority\" :6, \"x\":1e400,\r\n"
        + "\"y\":[12345678901234567890,1.0,-0,0.10,1E+2,{\"z\":{}}],\"\\u0074rack\":{\"artist\":\"\\u00c5\\uD83D\\ude00\","
        + "\"title\":\"T\",\"mood\":1e999},\"transfer\":{ \"aura\" : {\"hue\":1e400} ,\"round\":1, \"given_up\":[]},"
        + "\"\\u006datch\":{\"score\":0.50,\"components\":{},\"candidates\":[]}, \"tag\":null ,\"last\":\"\"}\n "

    private func body(_ text: String) throws(ContractViolation) -> JobBody { try JobBody(Data(text.utf8)) }

    private func text(_ data: Data) -> String { String(decoding: data, as: UTF8.self) }

    @Test func `a hostile document is read, and its bytes are the ones that were received`() throws {
        let body = try body(Self.hostile)
        #expect(body.document.track.artist == "Å😀" && body.document.match?.score == 0.5)
        #expect(body.bytes == Data(Self.hostile.utf8))
        let same = try body.bytes(replacedBy: body.document, sections: Set(JobSection.allCases))
        #expect(same == Data(Self.hostile.utf8))
        #expect(text(body.bytes(of: .transfer) ?? Data()).hasPrefix("{ \"aura\""))
        #expect(body.bytes(of: .tag) == nil && body.bytes(of: .move) == nil)
    }

    @Test func `a replaced section keeps its place and its unknown members, and all other bytes stay`() throws {
        let body = try body(Self.hostile)
        var job = body.document
        job.transfer?.round = 2
        job.match?.score = 0.75
        let written = text(try body.bytes(replacedBy: job, sections: [.transfer]))
        let expected = Self.hostile.replacing(
            "{ \"aura\" : {\"hue\":1e400} ,\"round\":1, \"given_up\":[]}",
            with: "{\"given_up\":[],\"round\":2,\"aura\":{\"hue\":1e400}}")
        #expect(written == expected)
    }

    @Test func `an added section is the last member, and a null is replaced in its place`() throws {
        let body = try body(Self.hostile)
        var job = body.document
        job.tag = TagSection(path: "p", codec: "flac", bitrateKbps: nil, durationMS: 1)
        job.move = MoveSection(path: "q")
        job.standingTries = 3
        let result = try body.replacement(by: job, sections: [.tag, .move, .standingTries])
        let tag = #"{"codec":"flac","duration_ms":1,"path":"p","verification":{}}"#
        let expected = Self.hostile.replacing("\"tag\":null", with: "\"tag\":\(tag)")
            .replacing("\"last\":\"\"}", with: "\"last\":\"\",\"move\":{\"path\":\"q\"},\"standing_tries\":3}")
        #expect(text(result.bytes) == expected)
        #expect(result.changed.mapValues(text) == [.tag: tag, .move: "{\"path\":\"q\"}", .standingTries: "3"])
        #expect(try JobBody(result.bytes).document.move?.path == "q")
    }

    @Test func `the sections of a stage are returned whether this run or an earlier one wrote them`() throws {
        let body = try body(Self.hostile)
        var job = body.document
        job.match?.score = 0.75
        let result = try body.replacement(by: job, sections: [.match, .transfer, .metadata])
        #expect(Set(result.changed.keys) == [.match] && Set(result.present.keys) == [.match, .transfer])
        #expect(result.present[.transfer] == body.bytes(of: .transfer))
        #expect(result.present[.match] == result.changed[.match])
        job.transfer = nil
        #expect(try body.replacement(by: job, sections: [.transfer]).present == [:])
    }

    @Test func `a removed section takes its comma with it`() throws {
        let start = #"{"schema":"hdm.job/1","job_id":"a","track":{"artist":"A","title":"T"}"#
        let move = #""move":{"path":"p"}"#
        for (text, left) in [
            ("{\(move), \(start.dropFirst())}", "\(start)}"), ("\(start) , \(move) }", "\(start) }"),
            ("\(start),\(move) ,\"x\":1}", "\(start) ,\"x\":1}"),
        ] {
            let body = try body(text)
            var job = body.document
            job.remove(.move)
            let result = try body.replacement(by: job, sections: [.move])
            #expect(self.text(result.bytes) == left && result.removed == [.move] && result.changed.isEmpty)
        }
    }

    @Test func `a section that another stage owns is not written`() throws {
        let body = try body(Self.hostile)
        var job = body.document
        job.match?.score = 0.1
        job.priority = 9
        job.move = MoveSection(path: "q")
        #expect(try body.bytes(replacedBy: job, sections: Stage.download.ownSections) == body.bytes)
    }

    @Test func `texts that differ in their bytes only are a change`() throws {
        let body = try body(
            #"{"schema":"hdm.job/1","job_id":"a","track":{"artist":"A","title":"T"},"move":{"path":"\u00e9"}}"#)
        var job = body.document
        job.move?.path = "e\u{301}"
        #expect(job.move == body.document.move)
        let written = try body.bytes(replacedBy: job, sections: [.move])
        #expect(text(written).utf8.elementsEqual(text(body.bytes).replacing("\\u00e9", with: "e\u{301}").utf8))
    }

    @Test(arguments: [
        (#"{"schema":"hdm.job/1","job_id":"a","match":null,"track":{},"\u006datch":null}"#, "/match"),
        (
            #"{"schema":"hdm.job/1","job_id":"a","track":{"artist":"A","title":"T","x":[{"a":1,"a":1}]}}"#,
            "/track/x/0/a"
        ),
        (#"{"schema":"hdm.job/1","job_id":"a"}"#, "/track"), ("[]", ""), ("7", ""),
    ])
    func `a document that can be read in two ways, or not at all, is refused`(_ text: String, _ path: String) {
        let violation = #expect(throws: ContractViolation.self) { try body(text) }
        #expect(violation?.path == path)
    }

    @Test func `a body above the limit is refused before it is read, and none is made`() throws {
        let start = #"{"schema":"hdm.job/1","job_id":"a","track":{"artist":"A","title":"T"},"x":""#
        let fill = String(repeating: "x", count: JobDocument.largestBody - start.utf8.count - 2)
        #expect(throws: ContractViolation(path: "", problem: "is larger than 1048576 bytes")) {
            try body(start + fill + "x\"}")
        }
        let largest = try body(start + fill + "\"}")
        var job = largest.document
        job.move = MoveSection(path: "p")
        #expect(throws: ContractViolation.self) { try largest.bytes(replacedBy: job, sections: [.move]) }
    }
}
