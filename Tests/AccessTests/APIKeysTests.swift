import Testing

@testable import Access

@Suite struct APIKeysTests {
    @Test func `Only whole keys are accepted; without keys the API is open`() {
        let keys = APIKeys(["first", "second"])
        #expect(!keys.isOpen && APIKeys([]).isOpen)
        for key in ["first", "second"] { #expect(keys.contains(key)) }
        for key in ["", "firs", "first ", "first, second", "third"] { #expect(!keys.contains(key)) }
    }

    @Test func `The names of a client distinguish keys and do not reveal them`() {
        let client = APIClient(key: "first")
        #expect(client.name.count == 16 && client.actor == "api:\(client.name.prefix(8))")
        #expect(client == APIClient(key: "first") && client.name != APIClient(key: "second").name)
        #expect(APIClient(key: nil).name == "open" && APIClient(key: nil).actor == "anonymous")
    }
}
