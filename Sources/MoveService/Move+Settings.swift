import Foundation
import ServiceKit

extension MoveTemplate {
    /// Reads `MOVE_TEMPLATE`. ``MoveTemplate`` describes its syntax.
    init(_ settings: Settings, library: URL) throws(SettingsError) {
        do throws(Problem) {
            try self.init(settings.text("MOVE_TEMPLATE", default: Self.standard), library: library)
        } catch {
            throw SettingsError("MOVE_TEMPLATE", error.description)
        }
    }
}

extension FilePermissions {
    /// Reads `PUID` and `PGID`, which are numbers, and `UMASK`, which is octal and `022` by default.
    init(_ settings: Settings) throws(SettingsError) {
        owner = try Self.id("PUID", settings)
        group = try Self.id("PGID", settings)
        guard let text = settings.text("UMASK") else { return }
        guard let mask = UInt32(text, radix: 8), mask <= 0o777 else {
            throw SettingsError("UMASK", "must be an octal number from 000 to 777, not '\(text)'")
        }
        // No file can be created in a folder that its owner cannot enter.
        guard mask & 0o700 == 0 else {
            throw SettingsError("UMASK", "must leave all rights to the owner, not '\(text)'")
        }
        umask = mask
    }

    private static func id(_ name: String, _ settings: Settings) throws(SettingsError) -> UInt32? {
        guard settings.text(name) != nil else { return nil }
        return UInt32(try settings.integer(name, default: 0, in: 0...Int(Int32.max)))
    }

    /// A warning when this process cannot apply the settings, else `nil`.
    var warning: String? {
        guard geteuid() != 0 else { return nil }
        let isOwn = owner ?? geteuid() == geteuid() && group ?? getegid() == getegid()
        return isOwn
            ? nil
            : "PUID and PGID have no effect without root: files will belong to uid \(geteuid()), gid \(getegid())"
    }
}
