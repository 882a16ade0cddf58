import Contracts
import Foundation
import Testing

@Suite struct RawJSONTests {
    @Test func `Members and elements keep their bytes`() throws {
        let json = Data(#" {"items": [ {"a":1.10,"b":"],\"["} , [2 , {}],"x" ] ,"n":1e2}"#.utf8)
        let members = try RawJSON.members(of: json)
        #expect(members["n"] == Data("1e2".utf8))
        let list = try #require(members["items"])
        let items = try #require(try RawJSON.elements(of: list))
        #expect(
            items.map { String(decoding: $0, as: UTF8.self).trimmingCharacters(in: .whitespaces) } == [
                #"{"a":1.10,"b":"],\"["}"#, "[2 , {}]", #""x""#,
            ])
        #expect(try RawJSON.elements(of: Data("[ ]".utf8)) == [])
        #expect(try RawJSON.elements(of: Data("{}".utf8)) == nil)
        #expect(throws: ContractViolation.self) { try RawJSON.elements(of: Data(#"[{"a":1,"a":2}]"#.utf8)) }
    }
}
