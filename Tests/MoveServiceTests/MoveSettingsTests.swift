import Foundation
import ServiceKit
import Testing

@testable import MoveService

@Suite struct `Move settings` {
    @Test(arguments: [
        ["MOVE_TEMPLATE": "{Nonsense}"], ["UMASK": "9"], ["UMASK": "1777"], ["UMASK": "700"], ["PUID": "root"],
        ["PGID": "-1"],
    ])
    func `an invalid setting is named in the error`(environment: [String: String]) {
        let settings = Settings(environment: environment)
        let error = #expect(throws: SettingsError.self) {
            _ = try MoveTemplate(settings, library: URL(filePath: "/music"))
            _ = try FilePermissions(settings)
        }
        #expect(error?.name == environment.keys.first)
    }

    @Test func `owner, group and umask are read`() throws {
        let settings = Settings(environment: ["PUID": "1000", "PGID": "1001", "UMASK": "007"])
        #expect(try FilePermissions(settings) == FilePermissions(owner: 1000, group: 1001, umask: 0o007))
        #expect(try FilePermissions(Settings(environment: [:])).fileMode == 0o644)
    }
}
