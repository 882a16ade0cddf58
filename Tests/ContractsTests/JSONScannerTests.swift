import Testing

@testable import Contracts

@Suite struct JSONScannerTests {
    private func names(_ text: String) throws -> [String] { try scan(Array(text.utf8)).map(\.name) }

    private func scan(_ bytes: [UInt8]) throws -> [JSONMember] { try JSONScanner.members(of: bytes) }

    @Test func `the members of an object have the bytes of their values`() throws {
        let text = " {\"a\" : [1, {\"b\":2}] ,\n\"\\u0063\":-1.5e+9, \"\":\"x\\\"}\", \"é\":true} \n"
        let bytes = Array(text.utf8)
        let members = try scan(bytes)
        #expect(members.map(\.name) == ["a", "c", "", "é"])
        #expect(
            members.map { String(decoding: bytes[$0.value], as: UTF8.self) }
                == ["[1, {\"b\":2}]", "-1.5e+9", "\"x\\\"}\"", "true"])
    }

    @Test(arguments: [
        "", " ", "{", "}", "[", "]", "{]", "[}", "[1,", "[1 2]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}", "{,}",
        "[,]", "[1,]", "01", "1.", ".5", "-", "+1", "1e", "1e+", "tru", "nul", "True", "NaN", "'a'", "\"", "\"\\",
        "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"", "\"a\nb\"", "{} {}", "1 1", "{\"a\":1 \"b\":2}", "/**/1", "\u{1}1",
    ])
    func `text that is not JSON is refused`(_ text: String) {
        let violation = #expect(throws: ContractViolation.self) { try names(text) }
        #expect(violation == ContractViolation(path: "", problem: "is not well-formed JSON"))
    }

    @Test(
        arguments: [
            [0x80], [0xC0, 0xAF], [0xC1, 0x81], [0xC2], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xE2, 0x82],
            [0xF0, 0x80, 0x80, 0x80],
            [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xFF], [0xE2, 0x28, 0xA1], [0xF0, 0x9F, 0x98, 0x28],
        ] as [[UInt8]])
    func `bytes that are not UTF-8 are refused at their place`(_ invalid: [UInt8]) {
        let bytes = Array("{\"a\":[0,\"".utf8) + invalid + Array("\"]}".utf8)
        let violation = #expect(throws: ContractViolation.self) { try scan(bytes) }
        #expect(violation == ContractViolation(path: "/a/1", problem: "is not valid UTF-8"))
    }

    @Test(arguments: ["\\ud800", "\\udc00", "\\ud800x", "\\ud800\\u0041", "\\uDBFF\\uDBFF"])
    func `half of a surrogate pair is refused`(_ escape: String) {
        let violation = #expect(throws: ContractViolation.self) { try names("{\"a\":\"\(escape)\"}") }
        #expect(violation == ContractViolation(path: "/a", problem: "contains half of a surrogate pair"))
    }

    @Test(arguments: [
        ("{\"a\":1,\"a\":2}", "/a"), ("{\"x\":[{},{\"a\":1,\"\\u0061\":2}]}", "/x/1/a"),
        ("{\"\\ud83d\\ude00\":1,\"😀\":2}", "/😀"), ("{\"a/b\":1,\"a\\/b\":2}", "/a~1b"), ("{\"\":1,\"\":2}", "/"),
    ])
    func `a name that occurs twice is refused, however it is spelled`(_ text: String, _ path: String) {
        let violation = #expect(throws: ContractViolation.self) { try names(text) }
        #expect(violation == ContractViolation(path: path, problem: "occurs more than once"))
    }

    @Test func `a name that occurs twice among thousands is refused`() throws {
        let many = (0..<5_000).map { "\"k\($0)\":\($0)" }
        #expect(try names("{\(many.joined(separator: ","))}").count == 5_000)
        let violation = #expect(throws: ContractViolation.self) {
            try names("{\((many + ["\"\\u006b17\":0"]).joined(separator: ","))}")
        }
        #expect(violation?.path == "/k17")
    }

    @Test func `equal names in different objects are allowed`() throws {
        #expect(try names("{\"a\":{\"a\":[{\"a\":1},{\"a\":2}]},\"b\":{\"a\":1}}") == ["a", "b"])
    }

    @Test func `64 levels are allowed, one more is refused without recursion`() throws {
        let deep = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
        #expect(try names(deep).isEmpty)
        let objects = String(repeating: "{\"a\":", count: 65)
        let violation = #expect(throws: ContractViolation.self) { try names(objects) }
        #expect(violation?.problem == "is nested more than 64 levels deep")
        #expect(violation?.path == String(repeating: "/a", count: 64))
        #expect(throws: ContractViolation.self) { try names(String(repeating: "[", count: 1 << 20)) }
    }

    @Test func `a byte order mark is skipped at the beginning only`() throws {
        #expect(try scan([0xEF, 0xBB, 0xBF] + Array("{\"a\":1}".utf8)).map(\.name) == ["a"])
        #expect(throws: ContractViolation.self) { try scan(Array("{}".utf8) + [0xEF, 0xBB, 0xBF]) }
    }
}
